#pragma once

// One variable's value during one evaluation. It is read under each type (as a number, a version,
// ...) at most once, however many conditions ask.
//
// Refers to the value, which must outlive it. Not for sharing between threads.

#include <optional>
#include <string>
#include <string_view>

#include "conditions/instant.hpp"
#include "conditions/number.hpp"
#include "conditions/value.hpp"
#include "conditions/version.hpp"

namespace callboard::conditions {

// How the language reads a single value under a type; nothing: malformed.
inline std::optional<double> read_number(const Value& value) {
  if (value.kind() == Value::Kind::number) return value.number();
  return value.kind() == Value::Kind::string ? parse_number(value.string()) : std::nullopt;
}
std::optional<bool> read_boolean(const Value& value);
std::optional<Version> read_version(const Value& value);
std::optional<Instant> read_instant(const Value& value);

class Reading {
 public:
  // A null pointer reads as missing.
  explicit Reading(const Value* value = nullptr) { reset(value); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  Reading(Reading&&) = default;

  // Starts on another value and keeps the buffers.
  void reset(const Value* value) {
    value_ = value != nullptr ? value : &missing_value();
    has_number_ = has_version_ = has_instant_ = has_folded_ = false;
  }

  const Value& value() const { return *value_; }
  Value::Kind kind() const { return value_->kind(); }

  const std::optional<double>& number() {
    if (!has_number_) {
      number_ = read_number(*value_);
      has_number_ = true;
    }
    return number_;
  }
  const std::optional<Version>& version() {
    if (!has_version_) {
      // In place: this is the dearest of the readings.
      if (kind() != Value::Kind::string || !parse_version(value_->string(), version_.emplace()))
        version_.reset();
      has_version_ = true;
    }
    return version_;
  }
  const std::optional<Instant>& instant() {
    if (!has_instant_) {
      instant_ = read_instant(*value_);
      has_instant_ = true;
    }
    return instant_;
  }
  // Only for a string.
  const std::string& folded_text();
  // Folds an element of an array, until the next call.
  const std::string& fold_element(std::string_view element);

 private:
  static const Value& missing_value();

  const Value* value_;
  bool has_number_;
  bool has_version_;
  bool has_instant_;
  bool has_folded_;
  std::optional<double> number_;
  std::optional<Version> version_;
  std::optional<Instant> instant_;
  std::string folded_;
  std::string folded_element_;
};

}  // namespace callboard::conditions
