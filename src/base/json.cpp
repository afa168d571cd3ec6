#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace callboard {
namespace {

namespace json = boost::json;

// Builds the value through Boost.JSON's own stack and, beside it, keeps the keys of the objects
// that are open, so that a duplicate can be named.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  json::value_stack& stack() { return stack_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) {
    levels_.push_back({});
    return true;
  }
  bool on_object_end(std::size_t count, json::error_code&) {
    check_unique();
    levels_.pop_back();
    stack_.push_object(count);
    count_element();
    return true;
  }
  bool on_array_begin(json::error_code&) {
    levels_.push_back({.is_array = true});
    return true;
  }
  bool on_array_end(std::size_t count, json::error_code&) {
    levels_.pop_back();
    stack_.push_array(count);
    count_element();
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    stack_.push_key(text_);
    levels_.back().keys.push_back(std::exchange(text_, {}));
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    stack_.push_string(text_);
    text_.clear();
    count_element();
    return true;
  }

  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    stack_.push_int64(value);
    count_element();
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
    stack_.push_uint64(value);
    count_element();
    return true;
  }
  bool on_double(double value, json::string_view text, json::error_code&) {
    // Boost.JSON 1.81 may be off in the last bit; std::from_chars is correctly rounded.
    std::from_chars(text.data(), text.data() + text.size(), value);
    stack_.push_double(value);
    count_element();
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack_.push_bool(value);
    count_element();
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    count_element();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  struct Level {
    bool is_array = false;
    std::size_t elements = 0;
    std::vector<std::string> keys = {};
  };

  void count_element() {
    if (!levels_.empty()) ++levels_.back().elements;
  }

  void check_unique() const {
    std::vector<std::string> keys = levels_.back().keys;
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice == keys.end()) return;
    throw invalid_at(pointer_to(*twice), "duplicate key \"" + *twice + "\"");
  }

  std::string pointer_to(const std::string& key) const {
    std::string pointer;
    for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
      const Level& level = levels_[i];
      pointer += '/';
      pointer +=
          level.is_array ? std::to_string(level.elements) : escape_pointer(level.keys.back());
    }
    return pointer + '/' + escape_pointer(key);
  }

  json::value_stack stack_;
  std::vector<Level> levels_;
  std::string text_;
};

[[noreturn]] void refuse(std::size_t at, const std::string& why) {
  throw invalid_at("", "not JSON at byte " + std::to_string(at) + ": " + why);
}

}  // namespace

json::value parse_json(std::string_view text, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<StrictHandler> parser(options);
  parser.handler().stack().reset();
  json::error_code failure;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), failure);
  if (failure) refuse(read, failure.message());
  const auto rest = text.substr(read);
  if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) refuse(read, "extra data");
  return parser.handler().stack().release();
}

namespace {

void append_value(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::object: {
      out += '{';
      for (bool first = true; const auto& member : value.get_object()) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, member.key());
        out += ':';
        append_value(out, member.value());
      }
      out += '}';
      break;
    }
    case json::kind::array: {
      out += '[';
      for (bool first = true; const auto& element : value.get_array()) {
        if (!std::exchange(first, false)) out += ',';
        append_value(out, element);
      }
      out += ']';
      break;
    }
    case json::kind::string:
      append_json_string(out, value.get_string());
      break;
    case json::kind::double_:
      out += fmt::format("{}", value.get_double());
      break;
    default:
      out += json::serialize(value);
  }
}

}  // namespace

std::string to_json_text(const json::value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

std::string escape_pointer(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += digits[c >> 4];
          out += digits[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

namespace {

// RFC 3629, table 3-7 of the Unicode standard: the length of the well-formed sequence that
// starts at `at`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = continues(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return second && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = continues(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
    return second && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace callboard
