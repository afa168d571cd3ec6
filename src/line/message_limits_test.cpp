#include "line/message_limits.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace callboard::line {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string flex(std::string_view contents, std::string_view alt_text = "alt") {
  return R"([{"type":"flex","altText":")" + std::string(alt_text) + R"(","contents":)" +
         std::string(contents) + "}]";
}
std::string body_of(std::string_view components) {
  return flex(R"({"type":"bubble","body":{"type":"box","layout":"vertical","contents":[)" +
              std::string(components) + "]}}");
}
std::string button(std::string_view action) {
  return body_of(R"({"type":"button","action":)" + std::string(action) + "}");
}

// "" where nothing is wrong, else the first place.
std::string fault(std::string_view messages) {
  const auto found = check_messages_text(messages);
  return found.empty() ? "" : found.front().property;
}

TEST(MessageLimits, LetsThroughWhatLineTakes) {
  for (const std::string& good : {
           std::string(R"([{"type":"text","text":"hello"}])"),
           std::string(R"([{"type":"sticker","packageId":"1","stickerId":"2"}])"),
           body_of(""),
           body_of(R"({"type":"text","text":"a"},{"type":"separator"},{"type":"filler"},
                      {"type":"text","contents":[{"type":"span","text":"b"}]},
                      {"type":"image","url":"https://a.example/x.png"},
                      {"type":"box","layout":"baseline","contents":[
                        {"type":"icon","url":"https://a.example/x.png"},
                        {"type":"text","text":"c"}]})"),
           button(R"({"type":"uri","label":"go","uri":"https://a.example"})"),
           button(R"({"type":"uri","label":"go","uri":"tel:+886"})"),
           button(R"({"type":"postback","label":"no","data":"unsubscribe:e1"})"),
           button(R"({"type":"message","label":"say","text":"x"})"),
           button(R"({"type":"clipboard","label":"copy","clipboardText":"x"})"),
           button(R"({"type":"datetimepicker","label":"when","data":"d","mode":"date"})"),
           flex(
               R"({"type":"bubble","size":"giga","hero":{"type":"image",
                   "url":"https://a.example"}})"),
           flex(R"({"type":"carousel","contents":[{"type":"bubble","body":
                   {"type":"box","layout":"vertical","contents":[]}}]})"),
       }) {
    EXPECT_EQ(fault(good), "") << good;
  }
}

TEST(MessageLimits, NamesThePlaceOfWhatLineRefuses) {
  const std::string in_body = "messages[0].contents.body.contents[0]";
  const struct {
    std::string messages, place;
  } table[] = {
      {"", "messages"},
      {"{}", "messages"},
      {"[]", "messages"},
      {"[" + repeated(R"({"type":"text","text":"a"},)", 5) + R"({"type":"text","text":"a"}])",
       "messages"},
      {"[7]", "messages[0]"},
      {R"([{"type":"text","text":"a"},{"type":"shout"}])", "messages[1].type"},
      {R"([{"type":"text","text":""}])", "messages[0].text"},
      {R"([{"type":"text"}])", "messages[0].text"},
      {R"([{"type":"flex","altText":"a"}])", "messages[0].contents"},
      {flex(R"({"type":"bubble"})"), "messages[0].contents"},
      {flex("7"), "messages[0].contents"},
      {flex(R"({"type":"balloon"})"), "messages[0].contents.type"},
      {flex(R"({"type":"bubble","size":"huge","body":{"type":"box","layout":"vertical",
               "contents":[]}})"),
       "messages[0].contents.size"},
      {flex(R"({"type":"bubble","body":{"type":"text","text":"a"}})"),
       "messages[0].contents.body.type"},
      {flex(R"({"type":"bubble","hero":{"type":"button"}})"), "messages[0].contents.hero.type"},
      {flex(R"({"type":"bubble","body":{"type":"box","contents":[]}})"),
       "messages[0].contents.body.layout"},
      {flex(R"({"type":"bubble","body":{"type":"box","layout":"circle","contents":[]}})"),
       "messages[0].contents.body.layout"},
      {flex(R"({"type":"bubble","body":{"type":"box","layout":"vertical"}})"),
       "messages[0].contents.body.contents"},
      {body_of(R"({"type":"blink"})"), in_body + ".type"},
      {body_of(R"({"type":"icon","url":"https://a.example"})"), in_body + ".type"},
      {body_of(R"({"type":"text","text":""})"), in_body + ".text"},
      {body_of(R"({"type":"text","contents":[{"type":"text","text":"a"}]})"),
       in_body + ".contents[0].type"},
      {body_of(R"({"type":"image","url":"http://a.example"})"), in_body + ".url"},
      {body_of(R"({"type":"image","url":""})"), in_body + ".url"},
      {body_of(R"({"type":"button"})"), in_body + ".action"},
      {button("7"), in_body + ".action"},
      {button(R"({"type":"uri","uri":"https://a.example"})"), in_body + ".action.label"},
      {button(R"({"type":"uri","label":"go","uri":""})"), in_body + ".action.uri"},
      {button(R"({"type":"uri","label":"go"})"), in_body + ".action.uri"},
      {button(R"({"type":"uri","label":"go","uri":"javascript:alert"})"), in_body + ".action.uri"},
      {button(R"({"type":"uri","label":"go","uri":"https://"})"), in_body + ".action.uri"},
      {button(R"({"type":"uri","label":"go","uri":"https://a b"})"), in_body + ".action.uri"},
      {button(R"({"type":"postback","label":"no"})"), in_body + ".action.data"},
      {button(R"({"type":"postback","label":"no","data":")" + repeated("d", 301) + "\"}"),
       in_body + ".action.data"},
      {button(R"({"type":"message","label":"say","text":""})"), in_body + ".action.text"},
      {button(R"({"type":"camera","label":"snap"})"), in_body + ".action.type"},
      {button(R"({"type":"datetimepicker","label":"w","data":"d","mode":"year"})"),
       in_body + ".action.mode"},
      {flex(R"({"type":"carousel","contents":[]})"), "messages[0].contents.contents"},
      {flex(R"({"type":"carousel","contents":[{"type":"carousel","contents":[]}]})"),
       "messages[0].contents.contents[0].type"},
      {flex(R"({"type":"carousel","contents":[)" + repeated("{},", 12) + "{}]}"),
       "messages[0].contents.contents"},
  };
  for (const auto& row : table) EXPECT_EQ(fault(row.messages), row.place) << row.messages;
}

TEST(MessageLimits, CountsAsLineCounts) {
  EXPECT_EQ(utf16_units("aé中😀"), 5u);
  const std::string bubble =
      R"({"type":"bubble","body":{"type":"box","layout":"vertical","contents":[]}})";
  EXPECT_EQ(fault(flex(bubble, repeated("中", 1500))), "");
  EXPECT_EQ(fault(flex(bubble, repeated("中", 1501))), "messages[0].altText");
  EXPECT_EQ(fault(flex(bubble, repeated("😀", 751))), "messages[0].altText");
  EXPECT_EQ(fault(flex(bubble, "")), "messages[0].altText");
  EXPECT_EQ(fault(R"([{"type":"text","text":")" + repeated("a", 5000) + "\"}]"), "");
  EXPECT_EQ(fault(R"([{"type":"text","text":")" + repeated("a", 5001) + "\"}]"),
            "messages[0].text");
}

TEST(MessageLimits, CutsBetweenCharacters) {
  EXPECT_EQ(cut_to_units("", 1), "");
  EXPECT_EQ(cut_to_units("abc", 3), "abc");
  EXPECT_EQ(cut_to_units("abcd", 3), "ab…");
  EXPECT_EQ(cut_to_units("é字😀", 4), "é字😀");
  EXPECT_EQ(cut_to_units("é字😀x", 4), "é字…");
  EXPECT_EQ(cut_to_units("😀", 1), "…");
}

TEST(MessageLimits, WeighsBubblesAndCarousels) {
  const auto bubble = [](std::size_t bytes) {
    const std::string start = R"({"type":"bubble","body":{"type":"box","layout":"vertical",)"
                              R"("contents":[{"type":"text","text":")";
    const std::string end = R"("}]}})";
    return start + std::string(bytes - start.size() - end.size(), 'a') + end;
  };
  EXPECT_EQ(fault(flex(bubble(max_bubble_bytes))), "");
  EXPECT_EQ(fault(flex(bubble(max_bubble_bytes + 1))), "messages[0].contents");
  const std::string carousel = R"({"type":"carousel","contents":[)" + bubble(25'000) + ",";
  const std::size_t rest = max_carousel_bytes - carousel.size() - 2;
  EXPECT_EQ(fault(flex(carousel + bubble(rest) + "]}")), "");
  EXPECT_EQ(fault(flex(carousel + bubble(rest + 1) + "]}")), "messages[0].contents");
}

TEST(MessageLimits, KnowsKeysAndIds) {
  EXPECT_TRUE(is_retry_key("123e4567-e89b-12d3-a456-426614174000"));
  EXPECT_TRUE(is_retry_key("123E4567-E89B-12D3-A456-426614174000"));
  for (const char* text :
       {"", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400",
        "123e4567-e89b-12d3-a456-42661417400g", "{123e4567-e89b-12d3-a456-426614174000}"}) {
    EXPECT_FALSE(is_retry_key(text)) << text;
  }
  EXPECT_TRUE(is_line_user_id("U0123456789abcdef0123456789abcdef"));
  for (const char* text :
       {"", "U1", "u0123456789abcdef0123456789abcdef", "U0123456789ABCDEF0123456789abcdef",
        "C0123456789abcdef0123456789abcdef"}) {
    EXPECT_FALSE(is_line_user_id(text)) << text;
  }
}

}  // namespace
}  // namespace callboard::line
