#include "bulletins/bulletin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::bulletins {
namespace {

namespace json = boost::json;
using testing::ElementsAre;

constexpr auto seed_body = R"({
  "bulletin_name": "a board", "category": "default", "bulletin_body": "some body",
  "valid_date_start": 123, "valid_date_end": 456,
  "bulletin_condition": {"logic": "&&", "conditions": [
    {"variable": "age", "logic": "<", "target": 10, "target_type": "number"},
    {"variable": "app_version", "logic": ">=", "target": "1.2.3", "target_type": "version"}]}})";

json::object body_with(std::string_view member, json::value value) {
  json::object body = parse_json(seed_body).as_object();
  body[member] = std::move(value);
  return body;
}

std::vector<std::string> pointers_refused(const json::value& body) {
  std::vector<std::string> pointers;
  try {
    draft_from_json(body, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    for (const auto& detail : error.details()) pointers.push_back(detail.pointer);
  }
  return pointers;
}

TEST(Bulletin, ReadsTheSeedsBody) {
  const Draft draft = draft_from_json(parse_json(seed_body), {});
  EXPECT_EQ(draft.name, "a board");
  EXPECT_EQ(draft.category, "default");
  EXPECT_EQ(draft.body, "some body");
  EXPECT_EQ(draft.start_unix_s, 123);
  EXPECT_EQ(draft.end_unix_s, 456);
  EXPECT_TRUE(draft.enabled);
  EXPECT_EQ(draft.priority, 0);
  EXPECT_EQ(draft.condition.at("conditions").as_array().size(), 2u);
}

TEST(Bulletin, NeedsOnlyAName) {
  const Draft draft = draft_from_json(parse_json(R"({"bulletin_name":"x"})"), {});
  EXPECT_EQ(to_json_text(draft.condition), R"({"logic":"","conditions":[]})");
  const Draft null = draft_from_json(body_with("bulletin_condition", nullptr), {});
  EXPECT_EQ(null.condition, draft.condition);
  EXPECT_THAT(pointers_refused(json::object()), ElementsAre("/bulletin_name"));
}

TEST(Bulletin, NamesEachCulprit) {
  const json::value long_text(std::string(256, 'x').c_str());
  struct Case {
    const char* member;
    json::value value;
    const char* pointer;
  };
  const Case cases[] = {
      {"bulletin_name", "", "/bulletin_name"},
      {"bulletin_name", long_text, "/bulletin_name"},
      {"bulletin_name", 7, "/bulletin_name"},
      {"category", long_text, "/category"},
      {"bulletin_body", json::string(max_body_bytes + 1, 'x'), "/bulletin_body"},
      {"valid_date_start", -1, "/valid_date_start"},
      {"valid_date_start", 456, "/valid_date_end"},
      {"valid_date_end", 1'700'000'000'000, "/valid_date_end"},
      {"valid_date_end", 1.5, "/valid_date_end"},
      {"enable", 1, "/enable"},
      {"priority", "high", "/priority"},
      {"bulletin_id", 1, "/bulletin_id"},
      {"colour", "red", "/colour"},
      {"bulletin_condition", "age < 10", "/bulletin_condition"},
      {"bulletin_condition", parse_json(R"({"logic":"&&","conditions":[
         {"variable":"age","logic":"<","target":"ten","target_type":"number"}]})"),
       "/bulletin_condition/conditions/0/target"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(pointers_refused(body_with(c.member, c.value)), ElementsAre(c.pointer)) << c.member;
  }
  EXPECT_THAT(pointers_refused(parse_json(R"({"bulletin_name":1,"category":2,"x":3})")),
              ElementsAre("/bulletin_name", "/category", "/x"));
}

TEST(Bulletin, CountsCharactersNotBytes) {
  std::string name;
  for (int i = 0; i < 255; ++i) name += "\xE5\x8F\xB0";
  EXPECT_TRUE(pointers_refused(body_with("bulletin_name", json::value_from(name))).empty());
}

TEST(Bulletin, RefusesVariablesThatNobodyDeclares) {
  const auto only_age = [](std::string_view name) { return name == "age"; };
  try {
    draft_from_json(parse_json(seed_body), only_age);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.details().at(0).pointer, "/bulletin_condition/conditions/1/variable");
  }
}

TEST(Bulletin, AnUpdateNeedsTheWholeSchema) {
  try {
    update_from_json(parse_json(R"({"bulletin_id":1,"bulletin_name":"x"})"), std::nullopt, {});
    FAIL() << "accepted";
  } catch (const Error& error) {
    std::vector<std::string> pointers;
    for (const auto& detail : error.details()) pointers.push_back(detail.pointer);
    EXPECT_THAT(pointers, ElementsAre("/category", "/bulletin_body", "/valid_date_start",
                                      "/valid_date_end", "/bulletin_condition"));
  }
}

TEST(Bulletin, AnUpdateKeepsWhatItDoesNotSay) {
  const Update update = update_from_json(body_with("bulletin_id", 7), std::nullopt, {});
  EXPECT_EQ(update.id, 7);
  EXPECT_EQ(update.enabled, std::nullopt);
  EXPECT_EQ(update.priority, std::nullopt);
  EXPECT_EQ(update.expected_revision, std::nullopt);
}

TEST(Bulletin, AnUpdateTakesItsIdFromThePath) {
  EXPECT_EQ(update_from_json(parse_json(seed_body), 7, {}).id, 7);
  EXPECT_THROW(update_from_json(body_with("bulletin_id", 8), 7, {}), Error);
  EXPECT_THROW(update_from_json(parse_json(seed_body), std::nullopt, {}), Error);
}

TEST(Bulletin, WhatIsShownCanBeSentBack) {
  Bulletin bulletin;
  static_cast<Draft&>(bulletin) = draft_from_json(parse_json(seed_body), {});
  bulletin.id = 3;
  bulletin.revision = 9;
  const Update update = update_from_json(to_json(bulletin), std::nullopt, {});
  EXPECT_EQ(update.id, 3);
  EXPECT_EQ(update.expected_revision, 9);
  EXPECT_EQ(update.draft.condition, bulletin.condition);
}

TEST(Bulletin, AWindowIncludesItsStartAndExcludesItsEnd) {
  EXPECT_FALSE(window_holds(10, 20, 9));
  EXPECT_TRUE(window_holds(10, 20, 10));
  EXPECT_TRUE(window_holds(10, 20, 19));
  EXPECT_FALSE(window_holds(10, 20, 20));
  EXPECT_TRUE(window_holds(0, 0, 0));
  EXPECT_TRUE(window_holds(0, 20, 1));
  EXPECT_TRUE(window_holds(10, 0, 1'000'000));
}

}  // namespace
}  // namespace callboard::bulletins
