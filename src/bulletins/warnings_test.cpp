#include "bulletins/warnings.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

TEST(Warnings, PointIntoTheBulletin) {
  const auto condition = parse_json(
      R"({"logic":"||","conditions":[{"variable":"age","logic":"exists"},{"logic":"&&","conditions":[
          {"variable":"age","logic":"<","target":1,"target_type":"number"},
          {"variable":"age","logic":">","target":2,"target_type":"number"}]}]})");
  EXPECT_EQ(to_json_text(warnings_of(condition)),
            R"([{"pointer":"/bulletin_condition/conditions/1","message":"is always false"}])");
}

TEST(Warnings, StandBesideTheBulletinWhereThereAreAny) {
  Bulletin bulletin;
  static_cast<Draft&>(bulletin) = draft_for_under(10, "a");
  EXPECT_FALSE(with_warnings(bulletin).contains("warnings"));
  EXPECT_TRUE(with_warnings(bulletin, {"x"}).contains("warnings"));
}

}  // namespace
}  // namespace callboard::bulletins
