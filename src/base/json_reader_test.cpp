#include "base/json_reader.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.hpp"

namespace callboard {
namespace {

TEST(JsonReader, ReadsWhatIsAskedFor) {
  const auto value = parse_json(R"({"name":"a","on":false,"count":7,"extra":{}})");
  JsonReader reader(value);
  EXPECT_EQ(reader.string("name"), "a");
  EXPECT_EQ(reader.boolean("on"), false);
  EXPECT_EQ(reader.integer("count", 0, 10), 7);
  EXPECT_EQ(reader.string("absent"), std::nullopt);
  reader.ignore("extra");
  EXPECT_NO_THROW(reader.finish());
}

TEST(JsonReader, NamesEveryCulpritAtOnce) {
  const auto value = parse_json(R"({"name":1,"on":"yes","count":11,"big":9223372036854775808,
                                    "sur/prise":null})");
  JsonReader reader(value, "/rows/3");
  reader.string("name");
  reader.boolean("on");
  reader.integer("count", 0, 10);
  reader.integer("big", 0, 10);
  reader.require("needed");
  try {
    reader.finish();
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_EQ(error.message(), "rows/3/name must be a string");
    std::vector<std::string> pointers;
    for (const ErrorDetail& detail : error.details()) pointers.push_back(detail.pointer);
    EXPECT_EQ(pointers,
              (std::vector<std::string>{"/rows/3/name", "/rows/3/on", "/rows/3/count",
                                        "/rows/3/big", "/rows/3/needed", "/rows/3/sur~1prise"}));
    EXPECT_EQ(error.details()[2].message, "must be a whole number from 0 to 10");
  }
}

TEST(JsonReader, RefusesWhatIsNoObject) {
  const auto value = parse_json("[]");
  EXPECT_THROW(JsonReader{value}, Error);
}

TEST(JsonReader, RefusesTextThatNotEveryDatabaseHolds) {
  const auto value = parse_json(R"({"name":"a\u0000b"})");
  JsonReader reader(value);
  EXPECT_EQ(reader.string("name"), std::nullopt);
  EXPECT_THROW(reader.finish(), Error);
}

TEST(JsonReader, CountsCharactersNotBytes) {
  EXPECT_EQ(count_characters("a\xC3\xA9\xE5\x8F\xB0\xF0\x9F\x9A\xB2"), 4u);
}

}  // namespace
}  // namespace callboard
