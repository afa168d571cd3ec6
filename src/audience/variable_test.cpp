#include "audience/variable.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.hpp"

namespace callboard::audience {
namespace {

std::string refusal(const std::string& text) {
  try {
    variable_from_json(parse_json(text), "/at");
  } catch (const Error& error) {
    return error.details().at(0).pointer;
  }
  return "accepted";
}

TEST(Variable, IsReadAndWritten) {
  const auto written = parse_json(R"({"name":"level","type":"number","description":"How far"})");
  EXPECT_EQ(to_json(variable_from_json(written, "")), written.as_object());
  EXPECT_EQ(variable_from_json(parse_json(R"({"name":"x"})"), "").type, "any");
}

TEST(Variable, IsRefusedWithItsPlace) {
  EXPECT_EQ(refusal(R"({"type":"any"})"), "/at/name");
  EXPECT_EQ(refusal(R"({"name":"a b"})"), "/at/name");
  EXPECT_EQ(refusal(R"({"name":"now"})"), "/at/name");
  EXPECT_EQ(refusal(R"({"name":"x","type":"int"})"), "/at/type");
  EXPECT_EQ(refusal(R"({"name":"x","colour":1})"), "/at/colour");
  EXPECT_EQ(refusal(R"({"name":"x","description":")" + std::string(501, 'd') + "\"}"),
            "/at/description");
  EXPECT_EQ(refusal(R"("x")"), "/at");
}

TEST(Variable, TellsValuesOfItsType) {
  const struct {
    const char* type;
    const char* good;
    const char* bad;
  } cases[] = {
      {"string", R"("")", "1"},
      {"number", "1.5", R"("1.5")"},
      {"boolean", "false", "0"},
      {"version", R"("1.2.3")", R"("one")"},
      {"version", R"("2.0")", "2"},
      {"datetime", R"("2024-03-04T05:06:07Z")", R"("2024-03-04")"},
      {"datetime", "1700000000", "true"},
      {"list", R"(["a"])", R"("a")"},
  };
  for (const auto& [type, good, bad] : cases) {
    EXPECT_EQ(flaw_as(type, parse_json(good)), nullptr) << type << " " << good;
    EXPECT_NE(flaw_as(type, parse_json(bad)), nullptr) << type << " " << bad;
    EXPECT_EQ(flaw_as(type, nullptr), nullptr);
    EXPECT_EQ(flaw_as("any", parse_json(bad)), nullptr);
  }
}

}  // namespace
}  // namespace callboard::audience
