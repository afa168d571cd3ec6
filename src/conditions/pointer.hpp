#pragma once

// Where the parser is: a chain of tokens on the stack, which becomes text (an RFC 6901 pointer)
// only if there is something to report. Each link refers to the one it hangs on.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace callboard::conditions {

class Pointer {
 public:
  Pointer() = default;  // the whole condition
  Pointer(const Pointer&) = delete;
  Pointer& operator=(const Pointer&) = delete;

  Pointer member(std::string_view name) const { return Pointer(*this, name, 0); }
  Pointer element(std::size_t index) const { return Pointer(*this, {}, index); }

  std::string text() const {
    if (parent_ == nullptr) return "";
    const std::string token =
        name_.data() == nullptr ? std::to_string(index_) : escape_pointer(name_);
    return parent_->text() + "/" + token;
  }

 private:
  Pointer(const Pointer& parent, std::string_view name, std::size_t index)
      : parent_(&parent), name_(name), index_(index) {}

  const Pointer* parent_ = nullptr;
  std::string_view name_;  // null: an element of a list
  std::size_t index_ = 0;
};

}  // namespace callboard::conditions
