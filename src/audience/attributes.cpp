#include "audience/attributes.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>

#include "base/json.hpp"
#include "base/json_reader.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

// What the program's own data providers supply, now and later, in byte order.
constexpr std::array<std::string_view, 9> reserved_names = {
    "app_version",   "device_info",       "language", "now",    "quiz_results",
    "registered_at", "subscribed_events", "timezone", "user_id"};
static_assert(std::ranges::is_sorted(reserved_names));

constexpr auto too_many = "a user has at most 100 attributes";

// What is wrong with a scalar, or nothing.
const char* flaw_of_scalar(const json::value& value) {
  if (const json::string* text = value.if_string()) {
    if (text->size() > max_attribute_text_bytes) return "is longer than 1024 bytes";
    // PostgreSQL's jsonb holds no U+0000.
    return text->find('\0') == json::string::npos ? nullptr : "holds the character U+0000";
  }
  if (const double* number = value.if_double()) {
    return std::isfinite(*number) ? nullptr : "is too large for a number";
  }
  if (value.is_number() || value.is_bool()) return nullptr;
  return "must be a string, a number, a boolean or an array of these";
}

const char* flaw_of_value(const json::value& value) {
  if (value.is_null()) return nullptr;
  const json::array* elements = value.if_array();
  if (elements == nullptr) return flaw_of_scalar(value);
  if (elements->size() > max_attribute_elements) return "has more than 100 elements";
  for (const json::value& element : *elements) {
    if (const char* flaw = flaw_of_scalar(element)) return flaw;
  }
  return nullptr;
}

const char* flaw_of_name(std::string_view name, ReservedNames reserved) {
  if (!is_attribute_name(name)) return "must have a name of 1 to 64 of A-Z a-z 0-9 _ . -";
  if (reserved == ReservedNames::refused && is_reserved_name(name))
    return "is the name of a built-in variable";
  return nullptr;
}

}  // namespace

const conditions::Value* find_attribute(const Attributes& attributes, std::string_view name) {
  const auto found = std::ranges::lower_bound(attributes, name, {}, &Attribute::name);
  return found != attributes.end() && found->name == name ? &found->value : nullptr;
}

bool is_user_id(std::string_view text) {
  return !text.empty() && text.size() <= max_user_id_bytes &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '/'; });
}

void require_user_id(std::string_view text, std::string pointer) {
  if (is_user_id(text)) return;
  const char* message = text.empty()
                            ? "user_id is empty"
                            : "user_id must be 1 to 128 bytes of printable ASCII without /";
  if (pointer.empty()) throw Error(ErrorCode::invalid, message);  // in the path, not the body
  throw invalid_at(std::move(pointer), message);
}

bool is_attribute_name(std::string_view text) {
  return !text.empty() && text.size() <= max_attribute_name_bytes &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.' || c == '-';
         });
}

bool is_reserved_name(std::string_view text) {
  return std::ranges::binary_search(reserved_names, text);
}

json::object checked_attributes(const json::value& uploaded, const std::string& pointer,
                                ReservedNames reserved) {
  JsonReader reader(uploaded, pointer);
  const json::object& attributes = uploaded.get_object();
  if (attributes.size() > max_attributes) throw invalid_at(pointer, too_many);
  for (const auto& [name, value] : attributes) {
    reader.ignore(name);
    const char* flaw = flaw_of_name(name, reserved);
    if (flaw == nullptr) flaw = flaw_of_value(value);
    if (flaw != nullptr) reader.refuse(name, flaw);
  }
  reader.finish();
  return attributes;
}

void require_declared(const json::object& attributes, const AppSettings& settings,
                      const std::string& pointer) {
  std::vector<ErrorDetail> errors;
  for (const auto& [name, value] : attributes) {
    const Variable* declared = settings.declared(name);
    const char* flaw = declared == nullptr ? nullptr : flaw_as(declared->type, value);
    if (declared == nullptr && !settings.undeclared_attributes && !value.is_null() &&
        !settings.is_server_only(name)) {
      flaw = "is not declared";
    }
    if (flaw != nullptr) errors.push_back({pointer + "/" + escape_pointer(name), flaw});
  }
  if (errors.empty()) return;
  throw Error(ErrorCode::invalid, errors[0].pointer.substr(1) + " " + errors[0].message)
      .with_details(errors);
}

json::object attributes_in_body(std::string_view text, const AppSettings& settings) {
  const json::value body = parse_json(text);
  JsonReader reader(body);
  const json::value* given = reader.require("attributes");
  reader.finish();
  json::object attributes = checked_attributes(*given, "/attributes");
  require_declared(attributes, settings, "/attributes");
  return attributes;
}

json::object merged_attributes(json::object stored, const json::object& changes,
                               const std::string& pointer) {
  for (const auto& [name, value] : changes) {
    if (value.is_null())
      stored.erase(name);
    else
      stored.insert_or_assign(name, value);
  }
  if (stored.size() > max_attributes) throw invalid_at(pointer, too_many);
  return stored;
}

Attributes attributes_from_json(const json::object& attributes) {
  Attributes result;
  result.reserve(attributes.size());
  for (const auto& [name, value] : attributes) {
    if (!value.is_null()) result.push_back({name, conditions::value_from_json(value)});
  }
  std::ranges::sort(result, {}, &Attribute::name);
  return result;
}

}  // namespace callboard::audience
