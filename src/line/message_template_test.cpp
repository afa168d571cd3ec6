#include "line/message_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "line/message_limits.hpp"

namespace callboard::line {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string bubble(std::string_view components) {
  return R"({"type":"bubble","body":{"type":"box","layout":"vertical","contents":[)" +
         std::string(components) + "]}}";
}
std::string flex(std::string_view contents, std::string_view others = "") {
  return R"({"alt_text":"About {{name}}","contents":)" + std::string(contents) +
         std::string(others) + "}";
}
std::string in_body(std::string_view components) {
  return flex(bubble(components));
}
std::string button(std::string_view action) {
  return in_body(R"({"type":"text","text":"a"},{"type":"button","action":)" + std::string(action) +
                 "}");
}

// "" where the template is taken, else the first culprit's pointer and what is wrong.
std::string refusal(std::string_view given) {
  try {
    parse_template(parse_json(given), "/t");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return error.details().at(0).pointer + " " + error.details().at(0).message;
  }
  return "";
}

std::string rendered(std::string_view given, const TemplateValues& values) {
  std::string sent = render(parse_template_text(given), values);
  EXPECT_TRUE(check_messages_text(sent).empty()) << sent;
  return sent;
}
// The components of a rendered bubble's body, or what was sent instead.
std::string body_with(std::string_view components, const TemplateValues& values) {
  const std::string sent = rendered(in_body(components), values);
  const boost::json::value message = boost::json::parse(sent).at(0);
  if (message.at("type") != "flex") return sent;
  return to_json_text(message.at("contents").at("body").at("contents"));
}

TEST(MessageTemplate, PutsValuesIntoTexts) {
  EXPECT_EQ(rendered(R"({"text":"{{name}}, {{ date }}: \"{{name}}\""})",
                     {{"name", "a\"b\\{{date}}"}, {"date", "3/2"}}),
            R"([{"type":"text","text":"a\"b\\{{date}}, 3/2: \"a\"b\\{{date}}\""}])");
  EXPECT_EQ(
      rendered(flex(bubble(R"({"type":"text","text":"{{name}}","flex":1.5})")), {{"name", "N"}}),
      R"([{"type":"flex","altText":"About N","contents":)" +
          bubble(R"({"type":"text","text":"N","flex":1.5})") + "}]");
}

TEST(MessageTemplate, RefusesWhatIsNoTemplate) {
  for (const auto& [given, fault] : std::vector<std::pair<std::string, std::string>>{
           {"7", "/t must be an object"},
           {"{}", "/t/alt_text is missing"},
           {R"({"alt_text":"a"})", "/t/contents is missing"},
           {R"({"alt_text":"a","contents":7})", "/t/contents must be a Flex bubble or carousel"},
           {R"({"alt_text":7,"contents":{}})", "/t/alt_text must be a string"},
           {R"({"text":"a","alt_text":"b"})", "/t/alt_text unknown member"},
           {R"({"text":"a","colour":"red"})", "/t/colour unknown member"},
           {R"({"text":"{{name"})", "/t/text has {{ without }}"},
           {R"({"text":""})", "/t/text May not be empty"},
           {R"({"text":"a\u0000"})", "/t/text must not contain the character NUL"},
           {R"({"text":")" + repeated("a", 5001) + "\"}",
            "/t/text Length must be between 0 and 5000"},
           {R"({"text":")" + repeated("a", max_template_bytes) + "\"}",
            "/t is larger than 30720 bytes"},
           {flex(bubble(""), R"(,"fallback_text":")" + repeated("a", 5001) + '"'),
            "/t/fallback_text is longer than 5000 characters"}}) {
    EXPECT_EQ(refusal(given), fault) << given;
  }
}

TEST(MessageTemplate, NamesUnknownPlaceholdersAndListsTheKnown) {
  EXPECT_EQ(refusal(R"({"text":"{{name}} {{colour}}"})"),
            "/t/text has the unknown placeholder {{colour}}; there are {{name}}, {{activity}}, "
            "{{project}}, {{description}}, {{location}}, {{host}}, {{link}}, {{date}}, {{time}}, "
            "{{event_id}}");
  EXPECT_THAT(refusal(in_body(R"({"type":"text","text":"{{colour}}"})")),
              HasSubstr("/t/contents/body/contents/0/text has the unknown"));
}

TEST(MessageTemplate, RefusesWhatLineWouldRefuse) {
  const std::string first = "/t/contents/body/contents/0", second = "/t/contents/body/contents/1";
  std::string nested = R"({"type":"text","text":"a"})";
  for (int i = 0; i < 11; ++i) {
    nested = R"({"type":"box","layout":"vertical","contents":[)" + nested + "]}";
  }
  for (const auto& [given, place] : std::vector<std::pair<std::string, std::string>>{
           {flex(R"({"type":"bubble"})"), "/t/contents "},
           {flex(R"({"type":"carousel","contents":[7]})"), "/t/contents/contents/0/type "},
           {in_body(R"({"type":"text","text":""})"), first + "/text "},
           {in_body(R"({"type":"text","when":"name","text":"{{name}}","action":{}})"),
            first + "/action/type "},
           {button(R"({"type":"uri","label":"a","uri":""})"), second + "/action/uri "},
           {button(R"({"type":"uri","label":"a","uri":"{{name}}"})"), second + "/action/uri "},
           {button(R"({"type":"uri","label":")" + repeated("a", 41) + R"(","uri":"{{link}}"})"),
            second + "/action/label "},
           {in_body(R"({"type":"text","text":"a","color":"{{name}}"})"), first + "/color may hold"},
           {in_body(R"({"type":"text","text":"a","when":"rain"})"), first + "/when must be"},
           {in_body(R"({"type":"text","text":"a","when":7})"), first + "/when must be"},
           {flex(R"({"type":"bubble","styles":{"when":"name"}})"),
            "/t/contents/styles/when only a component"},
           {in_body(nested), first + repeated("/contents/0", 10) + "/contents is nested"},
           {R"({"alt_text":")" + repeated("a", 1501) + R"(","contents":)" + bubble("") + "}",
            "/t/alt_text "},
           {in_body(R"({"type":"text","text":"{{description}}"},)" +
                    repeated(R"({"type":"text","text":"{{description}}"},)", 12) +
                    R"({"type":"separator"})"),
            "/t/contents is larger than 30 KB with long values"}}) {
    EXPECT_THAT(refusal(given), testing::StartsWith(place)) << given;
  }
}

TEST(MessageTemplate, LeavesOutWhatSaysNothing) {
  const TemplateValues values = {{"name", "N"}, {"project", " \n"}};
  const std::string kept = R"({"type":"text","text":"N"})";
  for (const char* gone : {
           R"({"type":"text","text":"{{host}}"})",
           R"({"type":"text","text":"{{host}} {{project}}"})",
           R"({"type":"text","contents":[{"type":"span","text":"{{host}}"}]})",
           R"({"type":"box","layout":"vertical","when":"project","contents":[]})",
           R"({"type":"box","layout":"vertical","contents":[{"type":"text","text":"{{host}}"}]})",
           R"({"type":"separator","when":"host"})",
           R"({"type":"button","action":{"type":"uri","label":"a","uri":"{{link}}"}})",
           R"({"type":"button","action":{"type":"postback","label":"{{host}}","data":"d"}})",
           R"({"type":"image","url":"{{link}}"})",
       }) {
    EXPECT_EQ(body_with(R"({"type":"text","text":"{{name}}"},)" + std::string(gone), values),
              "[" + kept + "]");
  }
  EXPECT_EQ(body_with(R"({"type":"box","layout":"vertical","contents":[]})", values),
            R"([{"type":"box","layout":"vertical","contents":[]}])");
  EXPECT_EQ(body_with(R"({"type":"text","text":"{{host}}","contents":[
                        {"type":"span","text":"{{name}}"},{"type":"span","text":"{{host}}"}]})",
                      values),
            R"([{"type":"text","contents":[{"type":"span","text":"N"}]}])");
}

TEST(MessageTemplate, LeadsOnlyWhereLineAllows) {
  const auto leads = [](const std::string& link) {
    const std::string sent =
        rendered(button(R"({"type":"uri","label":"go","uri":"{{link}}"})"), {{"link", link}});
    return sent.find("button") != std::string::npos;
  };
  for (const char* good : {"https://a.example/x?y=1", "tel:+886", "mailto:a@b", "line://x"}) {
    EXPECT_TRUE(leads(good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string("https://"), std::string("x"),
                                 std::string("javascript:alert(1)"), std::string("https://a b"),
                                 "https://a/" + repeated("x", 1000)}) {
    EXPECT_FALSE(leads(bad)) << bad;
  }
}

TEST(MessageTemplate, EncodesAValueWithinAnAddress) {
  EXPECT_THAT(rendered(button(R"({"type":"uri","label":"map",
                                 "uri":"https://maps.example/?q={{location}}"})"),
                       {{"location", "湖 1&b=2"}}),
              HasSubstr("https://maps.example/?q=%E6%B9%96%201%26b%3D2"));
}

TEST(MessageTemplate, CutsWhatIsTooLong) {
  TemplateValues values = {{"name", repeated("字", 6000)}};
  EXPECT_EQ(rendered(R"({"text":"{{name}}"})", values),
            R"([{"type":"text","text":")" + repeated("字", 4999) + "…\"}]");
  values["name"] = "a" + repeated("😀", 1000);
  EXPECT_THAT(rendered(flex(bubble(R"({"type":"text","text":"{{name}}"})")), values),
              testing::AllOf(HasSubstr("\"About a" + repeated("😀", 746) + "…\""),
                             HasSubstr("\"a" + repeated("😀", 999) + "…\"")));
  EXPECT_THAT(
      rendered(button(R"({"type":"message","label":"{{name}}","text":"{{name}}"})"), values),
      testing::AllOf(HasSubstr("\"a" + repeated("😀", 19) + "…\""),
                     HasSubstr("\"a" + repeated("😀", 149) + "…\"")));
  EXPECT_THAT(rendered(button(R"({"type":"postback","label":"a","data":"{{name}}"})"), values),
              Not(HasSubstr("button")));
}

TEST(MessageTemplate, BreaksLines) {
  EXPECT_EQ(rendered(R"({"text":"{{name}}"})", {{"name", "a<br>b<BR/>c<Br />d<b>e<br"}}),
            R"([{"type":"text","text":"a\nb\nc\nd<b>e<br"}])");
}

TEST(MessageTemplate, FallsBackToText) {
  const std::string gone = bubble(R"({"type":"text","text":"{{host}}"})");
  EXPECT_EQ(rendered(flex(gone, R"(,"fallback_text":"At {{date}}")"), {{"date", "3/2"}}),
            R"([{"type":"text","text":"At 3/2"}])");
  EXPECT_EQ(rendered(flex(gone, R"(,"fallback_text":"{{host}}")"), {{"name", "N"}}),
            R"([{"type":"text","text":"About N"}])");
  EXPECT_EQ(rendered(R"({"text":"{{host}}"})", {{"name", "N"}}), R"([{"type":"text","text":"N"}])");
  EXPECT_EQ(rendered(R"({"text":"{{host}}"})", {}), R"([{"type":"text","text":"Event"}])");
  const std::string large =
      repeated(R"({"type":"text","text":"{{host}}"},)", 9) + R"({"type":"text","text":"{{host}}"})";
  EXPECT_EQ(rendered(flex(bubble(large)), {{"host", repeated("字", 2000)}}),
            R"([{"type":"text","text":"About "}])");
}

TEST(MessageTemplate, TakesAnyBytesForAValue) {
  EXPECT_EQ(rendered(R"({"text":"{{name}}"})", {{"name", "a\xff\xc3\xa9"}}),
            R"([{"type":"text","text":"a???"}])");
  EXPECT_EQ(rendered(R"({"text":"{{name}}"})", {{"name", "a\"\x01"}}),
            R"([{"type":"text","text":"a\"\u0001"}])");
}

// Whatever the values, LINE finds nothing wrong in what is sent.
TEST(MessageTemplate, NeverRendersWhatLineRefuses) {
  const std::string components = R"(
      {"type":"text","text":"{{name}}","action":{"type":"uri","uri":"{{link}}","label":"{{host}}"}},
      {"type":"text","contents":[{"type":"span","text":"{{activity}}"}]},
      {"type":"image","url":"https://a.example/{{link}}"},
      {"type":"box","layout":"baseline","when":"date","contents":[
        {"type":"icon","url":"https://a.example/{{host}}.png"},{"type":"text","text":"{{date}}"}]},
      {"type":"button","action":{"type":"postback","label":"{{name}}","data":"{{event_id}}",
                                 "displayText":"{{description}}"}},
      {"type":"button","action":{"type":"clipboard","label":"a","clipboardText":"{{project}}"}},
      {"type":"button","action":{"type":"uri","label":"{{time}}","uri":"{{link}}",
                                 "altUri":{"desktop":"{{link}}"}}},
      {"type":"text","text":"{{description}}{{description}}"})";
  const MessageTemplate one = parse_template_text(in_body(components));
  const MessageTemplate many =
      parse_template_text(flex(R"({"type":"carousel","contents":[)" + bubble(components) + "," +
                                   bubble(R"({"type":"text","text":"{{location}}"})") + "]}",
                               R"(,"fallback_text":"{{location}}")"));
  const std::vector<std::string> parts = {"",
                                          "a",
                                          " ",
                                          "\n",
                                          "<br>",
                                          "https://",
                                          "字",
                                          "😀",
                                          "\"",
                                          "{{",
                                          "{{name}}",
                                          "\xff",
                                          "tel:1",
                                          "https://a.example/",
                                          "\x01",
                                          repeated("x", 700),
                                          "\\",
                                          std::string(1, '\0'),
                                          repeated("😀", 150),
                                          repeated("字", 2500)};
  std::mt19937 random(20240302);  // NOLINT(cert-msc51-cpp): the same values in each run
  for (int round = 0; round < 400; ++round) {
    TemplateValues values;
    for (const std::string_view name : template_placeholders) {
      std::string& value = values[std::string(name)];
      for (auto count = random() % 4; count > 0; --count) value += parts[random() % parts.size()];
    }
    for (const MessageTemplate* given : {&one, &many}) {
      const std::string sent = render(*given, values);
      ASSERT_TRUE(check_messages_text(sent).empty()) << sent;
    }
  }
}

}  // namespace
}  // namespace callboard::line
