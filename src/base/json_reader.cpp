#include "base/json_reader.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"

namespace callboard {
namespace {

namespace json = boost::json;

const json::object& object_or_throw(const json::value& value, const std::string& pointer) {
  if (const json::object* object = value.if_object()) return *object;
  throw invalid_at(pointer, "must be an object");
}

std::optional<std::int64_t> whole_number(const json::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  return std::nullopt;  // a uint64 here is one beyond int64
}

void collect(std::vector<ErrorDetail>& errors, const std::function<void()>& read) {
  try {
    read();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid || error.details().empty()) throw;
    errors.insert(errors.end(), error.details().begin(), error.details().end());
  }
}

void throw_if_any(const std::vector<ErrorDetail>& errors) {
  if (errors.empty()) return;
  const ErrorDetail& first = errors.front();
  std::string subject = first.pointer.empty() ? "" : first.pointer.substr(1) + " ";
  throw Error(ErrorCode::invalid, std::move(subject) + first.message).with_details(errors);
}

}  // namespace

JsonReader::JsonReader(const json::value& value, std::string pointer)
    : object_(object_or_throw(value, pointer)), pointer_(std::move(pointer)) {}

const json::value* JsonReader::find(std::string_view name) {
  known_.push_back(name);
  return object_.if_contains(name);
}

const json::value* JsonReader::require(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) refuse(name, "is missing");
  return value;
}

std::optional<std::string> JsonReader::string(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const json::string* text = value->if_string();
  if (text == nullptr) {
    refuse(name, "must be a string");
  } else if (text->find('\0') != json::string::npos) {
    refuse(name, "must not contain the character NUL");
  } else {
    return std::string(*text);
  }
  return std::nullopt;
}

std::optional<bool> JsonReader::boolean(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const bool* flag = value->if_bool()) return *flag;
  refuse(name, "must be true or false");
  return std::nullopt;
}

std::optional<std::int64_t> JsonReader::integer(std::string_view name, std::int64_t low,
                                                std::int64_t high) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto number = whole_number(*value);
  if (number && *number >= low && *number <= high) return number;
  refuse(name,
         "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return std::nullopt;
}

void JsonReader::refuse(std::string_view name, std::string message) {
  refuse_at("/" + escape_pointer(name), std::move(message));
}

void JsonReader::refuse_at(std::string_view pointer, std::string message) {
  errors_.push_back({pointer_ + std::string(pointer), std::move(message)});
}

void JsonReader::within(const std::function<void()>& read) {
  collect(errors_, read);
}

void JsonReader::finish() {
  for (const auto& member : object_) {
    const std::string_view name = member.key();
    if (std::ranges::find(known_, name) == known_.end()) refuse(name, "unknown member");
  }
  throw_if_any(errors_);
}

void read_elements(const json::value& array, const std::string& pointer, std::size_t max_elements,
                   const std::function<void(const json::value&, const std::string&)>& read) {
  const json::array* elements = array.if_array();
  if (elements == nullptr) throw invalid_at(pointer, "must be an array");
  if (elements->size() > max_elements) {
    throw invalid_at(pointer, "has more than " + std::to_string(max_elements) + " entries");
  }
  std::vector<ErrorDetail> errors;
  for (std::size_t i = 0; i < elements->size(); ++i) {
    collect(errors, [&] { read((*elements)[i], pointer + "/" + std::to_string(i)); });
  }
  throw_if_any(errors);
}

std::size_t count_characters(std::string_view utf8) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  return utf8.size() - static_cast<std::size_t>(std::ranges::count_if(utf8, continues));
}

}  // namespace callboard
