#pragma once

// Reads a few attributes out of the stored JSON of one user after another, without building the
// rest: what makes it possible to go through a million users in a second. Used by one thread.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conditions/value.hpp"

namespace callboard::audience {

class AttributePicker {
 public:
  explicit AttributePicker(std::vector<std::string> names);
  ~AttributePicker();
  AttributePicker(AttributePicker&&) noexcept;
  AttributePicker& operator=(AttributePicker&&) noexcept;

  // By the place of the name; null: the user has no such attribute. Valid until the next call.
  // `attributes` is as User::attributes_json(); throws Error{internal} if it is no JSON object.
  std::span<const conditions::Value* const> pick(std::string_view attributes);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace callboard::audience
