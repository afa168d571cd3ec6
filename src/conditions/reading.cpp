#include "conditions/reading.hpp"

#include "conditions/case_fold.hpp"

namespace callboard::conditions {

std::optional<bool> read_boolean(const Value& value) {
  if (value.kind() == Value::Kind::boolean) return value.boolean();
  if (value.kind() != Value::Kind::string) return std::nullopt;
  if (value.string() == "true") return true;
  if (value.string() == "false") return false;
  return std::nullopt;
}

std::optional<Version> read_version(const Value& value) {
  if (value.kind() != Value::Kind::string) return std::nullopt;
  return parse_version(value.string());
}

std::optional<Instant> read_instant(const Value& value) {
  if (value.kind() == Value::Kind::number) return instant_from_unix_seconds(value.number());
  if (value.kind() != Value::Kind::string) return std::nullopt;
  return parse_instant(value.string());
}

const std::string& Reading::folded_text() {
  if (!has_folded_) {
    fold_case(value_->string(), folded_);
    has_folded_ = true;
  }
  return folded_;
}

const std::string& Reading::fold_element(std::string_view element) {
  fold_case(element, folded_element_);
  return folded_element_;
}

const Value& Reading::missing_value() {
  static const Value missing;
  return missing;
}

}  // namespace callboard::conditions
