#include "line/template_flex.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <string_view>

#include "base/json.hpp"
#include "line/message_limits.hpp"
#include "line/reply_member.hpp"
#include "line/template_text.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;

constexpr std::string_view when = "when";

// What becomes of a text that does not suit LINE.
enum class Kind : std::uint8_t {
  words,  // cut where it is too long; there must be some
  whole,  // never cut, since half of it means nothing
  action_uri,
  https_url,
};
struct Rule {
  std::string_view member;
  Kind kind;
  std::size_t max_units;
};
// The members in which placeholders may stand.
constexpr std::array<Rule, 10> rules = {{
    {"text", Kind::words, max_component_text_units},
    {"label", Kind::words, max_label_units},
    {"displayText", Kind::words, max_message_action_units},
    {"fillInText", Kind::words, max_message_action_units},
    {"data", Kind::whole, max_postback_units},
    {"clipboardText", Kind::whole, max_uri_units},
    {"uri", Kind::action_uri, max_uri_units},
    {"desktop", Kind::action_uri, max_uri_units},
    {"url", Kind::https_url, max_image_url_units},
    {"previewUrl", Kind::https_url, max_image_url_units},
}};
// Left out alone, where they have nothing to say; without any other the whole object goes.
constexpr std::array<std::string_view, 8> dispensable = {
    "displayText", "fillInText", "label", "altUri", "header", "hero", "body", "footer"};
constexpr std::array<std::string_view, 4> blocks = {"header", "hero", "body", "footer"};

const Rule* rule_of(std::string_view member) {
  const auto* const found = std::ranges::find(rules, member, &Rule::member);
  return found == rules.end() ? nullptr : &*found;
}

Target target_of(const Rule& rule) {
  const bool is_address = rule.kind == Kind::action_uri || rule.kind == Kind::https_url;
  return is_address ? Target::uri : Target::text;
}

bool is_https_url(std::string_view text) {
  constexpr std::string_view scheme = "https://";
  return text.starts_with(scheme) && is_action_uri(text);
}

class TemplateCheck {
 public:
  explicit TemplateCheck(std::vector<ErrorDetail>& found) : found_(found) {}

  void value(const json::value& given, std::string_view member, const std::string& pointer,
             std::size_t depth) {
    if (const json::string* text = given.if_string()) return string(*text, member, pointer);
    if (!given.is_object() && !given.is_array()) return;
    if (depth == max_template_depth) return refuse(pointer, "is nested too deeply");
    if (const json::array* array = given.if_array()) {
      std::size_t position = 0;
      for (const json::value& one : *array) {
        value(one, "", pointer + "/" + std::to_string(position++), depth + 1);
      }
      return;
    }
    const json::object& object = given.get_object();
    for (const auto& [name, one] : object) {
      const std::string place = pointer + "/" + escape_pointer(name);
      if (name == when)
        condition(object, one, place);
      else
        value(one, name, place, depth + 1);
    }
  }

 private:
  void refuse(const std::string& pointer, std::string message) {
    if (found_.size() < max_failure_details) found_.push_back({pointer, std::move(message)});
  }

  void condition(const json::object& object, const json::value& given, const std::string& pointer) {
    if (!object.contains("type")) return refuse(pointer, "only a component may have it");
    const json::string* name = given.if_string();
    if (name != nullptr && is_placeholder(*name)) return;
    refuse(pointer, "must be the name of a placeholder; " + placeholder_rule());
  }

  void string(std::string_view text, std::string_view member, const std::string& pointer) {
    if (auto fault = fault_of_text(text)) {
      refuse(pointer, *std::move(fault));
    } else if (has_placeholder(text) && rule_of(member) == nullptr) {
      refuse(pointer, "may hold no placeholder");
    }
  }

  std::vector<ErrorDetail>& found_;
};

class FlexRenderer {
 public:
  explicit FlexRenderer(const TemplateValues& values) : values_(values) {}

  // Nothing: it is to be left out.
  std::optional<json::object> object(const json::object& given) const {
    const json::value* condition = given.if_contains(when);
    if (condition != nullptr && is_blank(value_of(values_, condition->as_string()))) return {};
    const std::string type = text_member(given, "type");
    json::object rendered;
    for (const auto& [name, value] : given) {
      if (name == when) continue;
      if (auto one = member(value, name, type)) {
        rendered.emplace(name, *std::move(one));
      } else if (!is_dispensable(name, type)) {
        return {};
      }
    }
    if (is_incomplete(rendered, type)) return {};
    return rendered;
  }

 private:
  std::optional<json::value> member(const json::value& given, std::string_view name,
                                    std::string_view type) const {
    if (const json::object* one = given.if_object()) return object(*one);
    if (const json::array* list = given.if_array()) return elements(*list);
    const Rule* rule = rule_of(name);
    if (rule == nullptr || !given.is_string()) return given;
    Rule used = *rule;
    if (name == "text" && type == "message") used.max_units = max_message_action_units;
    return text(given.get_string(), used);
  }

  // A list that was empty from the start stays: a box may be a mere colour.
  std::optional<json::value> elements(const json::array& given) const {
    json::array rendered;
    for (const json::value& one : given) {
      if (!one.is_object()) {
        rendered.push_back(one);
      } else if (auto kept = object(one.get_object())) {
        rendered.push_back(*std::move(kept));
      }
    }
    if (rendered.empty() && !given.empty()) return {};
    return rendered;
  }

  std::optional<json::value> text(std::string_view given, const Rule& rule) const {
    const std::string written = substituted(given, values_, rule.max_units, target_of(rule));
    if (written.empty() || (has_placeholder(given) && is_blank(written))) return {};
    if (rule.kind == Kind::words) return json::value(cut_to_units(written, rule.max_units));
    if (utf16_units(written) > rule.max_units) return {};
    if (rule.kind == Kind::action_uri && !is_action_uri(written)) return {};
    if (rule.kind == Kind::https_url && !is_https_url(written)) return {};
    return json::value(written);
  }

  static bool is_dispensable(std::string_view name, std::string_view type) {
    if (type == "text" && (name == "text" || name == "contents")) return true;
    if (type == "bubble" && name == "action") return true;
    return std::ranges::find(dispensable, name) != dispensable.end();
  }

  static bool is_incomplete(const json::object& rendered, std::string_view type) {
    if (type == "text") return !rendered.contains("text") && !rendered.contains("contents");
    if (type == "bubble") {
      return std::ranges::none_of(blocks, [&](auto name) { return rendered.contains(name); });
    }
    if (type != "button") return false;
    const json::value* action = rendered.if_contains("action");
    return action == nullptr || !action->is_object() || !action->get_object().contains("label");
  }

  const TemplateValues& values_;
};

}  // namespace

void check_flex_template(const json::value& contents, const std::string& pointer,
                         std::vector<ErrorDetail>& found) {
  TemplateCheck(found).value(contents, "", pointer, 0);
}

json::value filled_flex(const json::value& contents, const TemplateValues& values) {
  if (const json::array* list = contents.if_array()) {
    json::array filled;
    for (const json::value& one : *list) filled.push_back(filled_flex(one, values));
    return filled;
  }
  const json::object* object = contents.if_object();
  if (object == nullptr) return contents;
  json::object filled;
  for (const auto& [name, value] : *object) {
    if (name == when) continue;
    const Rule* rule = rule_of(name);
    if (rule != nullptr && value.is_string()) {
      filled.emplace(name,
                     substituted(value.get_string(), values, max_template_bytes, target_of(*rule)));
    } else {
      filled.emplace(name, filled_flex(value, values));
    }
  }
  return filled;
}

std::optional<json::object> rendered_flex(const json::value& contents,
                                          const TemplateValues& values) {
  return FlexRenderer(values).object(contents.as_object());
}

}  // namespace callboard::line
