#include "line/message_template.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "line/message_limits.hpp"
#include "line/template_flex.hpp"
#include "line/template_text.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;

constexpr std::string_view nameless = "Event";  // where neither the text nor the name has a word

const TemplateValues& plain_values() {
  static const TemplateValues values = {{"name", "Name"},         {"activity", "Activity"},
                                        {"project", "Project"},   {"description", "Description"},
                                        {"location", "Location"}, {"host", "Host"},
                                        {"date", "2024/3/2"},     {"link", "https://example.org/"},
                                        {"event_id", "1"},        {"time", "9:00 - 11:00"}};
  return values;
}

// As long as those of real events get, and then some.
TemplateValues long_values() {
  const auto repeated = [](std::string_view text, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
  };
  TemplateValues values = plain_values();
  for (const char* name : {"name", "activity", "project", "location", "host"}) {
    values[name] = repeated("字", 100);
  }
  values["description"] = repeated("字", 1000);
  values["link"] += repeated("x", 500);
  values["event_id"] = repeated("x", 36);
  values["time"] = "22:00 - 2024/3/3 11:00";
  return values;
}

json::value text_message(std::string text) {
  return json::array{json::object{{"type", "text"}, {"text", std::move(text)}}};
}
json::value flex_message(std::string alt_text, json::value contents) {
  return json::array{json::object{
      {"type", "flex"}, {"altText", std::move(alt_text)}, {"contents", std::move(contents)}}};
}

// LINE's name for a place in the message as a pointer into the template:
// "messages[0].contents.body.contents[2]" is "/contents/body/contents/2".
std::string pointer_of(std::string_view property) {
  constexpr std::string_view message = "messages[0]";
  property.remove_prefix(std::min(message.size(), property.size()));
  if (property.starts_with(".altText")) return "/alt_text";
  std::string pointer;
  for (const char c : property) {
    if (c == ']') continue;
    pointer += c == '.' || c == '[' ? '/' : c;
  }
  return pointer;
}

void add_culprits(const json::value& messages, JsonReader& reader, std::string_view circumstance) {
  for (const FailureDetail& detail : check_messages(messages)) {
    reader.refuse_at(pointer_of(detail.property), detail.message + std::string(circumstance));
  }
}

std::string filled(std::string_view text, const TemplateValues& values) {
  return substituted(text, values, max_template_bytes);
}

// What LINE would refuse.
void check_filled(const MessageTemplate& given, JsonReader& reader) {
  const TemplateValues& plain = plain_values();
  if (given.contents.is_null()) {
    return add_culprits(text_message(filled(given.text, plain)), reader, "");
  }
  if (utf16_units(filled(given.fallback_text, plain)) > max_text_units) {
    reader.refuse("fallback_text", "is longer than 5000 characters");
  }
  add_culprits(flex_message(filled(given.alt_text, plain), filled_flex(given.contents, plain)),
               reader, "");
  if (reader.is_refused()) return;
  if (auto contents = rendered_flex(given.contents, long_values())) {
    add_culprits(flex_message("Name", *std::move(contents)), reader, " with long values");
  }
}

void read_text(JsonReader& reader, std::string_view name, std::string& text) {
  const auto given = reader.string(name);
  if (!given) return;
  text = *given;
  if (auto fault = fault_of_text(text)) reader.refuse(name, *std::move(fault));
}

void read_contents(JsonReader& reader, const std::string& pointer, json::value& contents) {
  const json::value* given = reader.require("contents");
  if (given == nullptr) return;
  if (!given->is_object()) return reader.refuse("contents", "must be a Flex bubble or carousel");
  std::vector<ErrorDetail> found;
  check_flex_template(*given, pointer + "/contents", found);
  contents = *given;
  reader.within([&] {
    if (!found.empty()) throw Error(ErrorCode::invalid, "").with_details(std::move(found));
  });
}

std::string words_of(std::string_view text, const TemplateValues& values, std::size_t max_units) {
  std::string words = substituted(text, values, max_units);
  if (is_blank(words)) words = value_of(values, "name");
  if (is_blank(words)) words = nameless;
  return cut_to_units(words, max_units);
}

}  // namespace

MessageTemplate parse_template(const json::value& given, const std::string& pointer) {
  JsonReader reader(given, pointer);
  if (to_json_text(given).size() > max_template_bytes) {
    throw invalid_at(pointer, "is larger than " + std::to_string(max_template_bytes) + " bytes");
  }
  MessageTemplate read;
  if (given.get_object().contains("text")) {
    read_text(reader, "text", read.text);
  } else if (reader.require("alt_text") != nullptr) {
    read_text(reader, "alt_text", read.alt_text);
    read_text(reader, "fallback_text", read.fallback_text);
    read_contents(reader, pointer, read.contents);
  } else {
    reader.ignore("contents");
    reader.ignore("fallback_text");
  }
  if (!reader.is_refused()) check_filled(read, reader);
  reader.finish();
  return read;
}

MessageTemplate parse_template_text(std::string_view given) {
  return parse_template(parse_json(given));
}

std::string render(const MessageTemplate& given, const TemplateValues& values) {
  const TemplateValues ready = prepared(values);
  if (given.contents.is_null()) {
    return to_json_text(text_message(words_of(given.text, ready, max_text_units)));
  }
  if (auto contents = rendered_flex(given.contents, ready)) {
    const json::value messages =
        flex_message(words_of(given.alt_text, ready, max_alt_text_units), *std::move(contents));
    if (check_messages(messages).empty()) return to_json_text(messages);
  }
  const std::string fallback = substituted(given.fallback_text, ready, max_text_units);
  return to_json_text(text_message(
      words_of(is_blank(fallback) ? given.alt_text : given.fallback_text, ready, max_text_units)));
}

}  // namespace callboard::line
