#pragma once

// Reads one JSON object strictly. Every member that is asked for is known; when finish() is called,
// the members nobody asked for are refused by name, and all that was wrong is thrown as one
// Error{invalid} with a JSON pointer for each culprit. Used by one thread.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace callboard {

class JsonReader {
 public:
  // `pointer`: where `value` stands in the whole body. Throws Error{invalid} if it is no object.
  // `value` must outlive the reader.
  explicit JsonReader(const boost::json::value& value, std::string pointer = "");

  // The member, or null where it is absent.
  const boost::json::value* find(std::string_view name);
  // Records an error where the member is absent.
  const boost::json::value* require(std::string_view name);
  // A member that may be there and does not count.
  void ignore(std::string_view name) { find(name); }

  // Absent: nothing. Of another type: an error is recorded, and nothing returned. Text with a NUL
  // is refused, since not every database can hold it.
  std::optional<std::string> string(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  // Whole numbers within [low, high].
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high);

  // Records an error at that member.
  void refuse(std::string_view name, std::string message);
  // Records an error at a pointer relative to this object ("/conditions/0").
  void refuse_at(std::string_view pointer, std::string message);
  // Runs `read`, which reads something within this object, and records what it finds wrong there.
  void within(const std::function<void()>& read);
  bool is_refused() const { return !errors_.empty(); }
  // Throws if anything was recorded or a member is unknown.
  void finish();

 private:
  const boost::json::object& object_;
  std::string pointer_;
  std::vector<std::string_view> known_;
  std::vector<ErrorDetail> errors_;
};

// Calls `read` with each element of `array`, which stands at `pointer`, and the element's own
// pointer. Throws Error{invalid} with all that was wrong in any of them.
void read_elements(
    const boost::json::value& array, const std::string& pointer, std::size_t max_elements,
    const std::function<void(const boost::json::value&, const std::string& pointer)>& read);

// The number of Unicode characters of valid UTF-8.
std::size_t count_characters(std::string_view utf8);

}  // namespace callboard
