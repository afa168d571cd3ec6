#include "audience/attribute_picker.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audience/attributes.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

using conditions::Value;

TEST(AttributePicker, FindsWhatTheWholeReadingFinds) {
  const std::vector<std::string> names = {"vip", "age", "none", "tags", "city", "empty", "big"};
  AttributePicker picker(names);
  const std::string texts[] = {
      R"({"age":9,"city":"Tainan","empty":[],"tags":["a",1,true,"a\u00e9\"b"],"vip":true})",
      R"({"Age":1,"age":-1.5,"big":18446744073709551615,"city":"","other":["age","vip"]})",
      R"({"city":")" + std::string(1000, 'x') + R"(\n\ud83d\ude00","other":{"age":[1,{"vip":2}]}})",
      "{}",
  };
  for (const std::string& text : texts) {
    const Attributes all = attributes_from_json(parse_json(text).as_object());
    const auto picked = picker.pick(text);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Value* expected = find_attribute(all, names[i]);
      ASSERT_EQ(picked[i] != nullptr, expected != nullptr) << names[i] << " of " << text;
      if (expected == nullptr) continue;
      EXPECT_EQ(*picked[i], *expected) << names[i] << " of " << text;
    }
  }
}

TEST(AttributePicker, DamageIsAnError) {
  AttributePicker picker({"age"});
  for (const char* text : {"", "{", "[1]", "1", R"({"age":1} x)", R"({"age":})"}) {
    EXPECT_THROW(picker.pick(text), Error) << text;
  }
  EXPECT_EQ(*picker.pick(R"({"age":2})")[0], Value(2)) << "as good as new afterwards";
}

}  // namespace
}  // namespace callboard::audience
