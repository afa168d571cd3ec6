#include "bulletins/shown.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

TEST(Warnings, PointIntoTheBulletin) {
  const auto condition = parse_json(
      R"({"logic":"||","conditions":[
        {"variable":"age","logic":"exists"},
        {"logic":"&&","conditions":[
          {"variable":"age","logic":"<","target":1,"target_type":"number"},
          {"variable":"age","logic":">","target":2,"target_type":"number"}]}]})");
  EXPECT_EQ(to_json_text(warnings_of(condition)),
            R"([{"pointer":"/bulletin_condition/conditions/1","message":"is always false"}])");
}

class ShownTest : public BulletinsTest {};
INSTANTIATE_STORE_TESTS(ShownTest);

TEST_P(ShownTest, HasCountsAndWarningsBesideTheBulletin) {
  const Bulletin bulletin = add(draft_for_under(10, "a")).bulletin;
  ServedCounts counts;
  const auto show = [&](boost::json::array warnings) {
    return database().get([&](db::Transaction& transaction) {
      return shown(transaction, counts, test_app, bulletin, std::move(warnings));
    });
  };
  EXPECT_EQ(show({}).at("served"), 0);
  EXPECT_FALSE(show({}).contains("warnings"));
  counts.counter_of(test_app, 1)->add(2);
  EXPECT_EQ(show({}).at("served"), 2);
  counts.write_to(database());
  EXPECT_EQ(show({}).at("served"), 2) << "counted once";
  EXPECT_TRUE(show({"x"}).contains("warnings"));
}

}  // namespace
}  // namespace callboard::bulletins
