#pragma once

// The one exception of the project. It says what went wrong in words that are independent of any
// protocol; HTTP, jobs and the command line each translate it in exactly one place.
//
// A value type: copy, throw and store it freely, on any thread.

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard {

enum class ErrorCode {
  invalid,          // the input breaks a rule; the caller can mend it
  bad_signature,    // the request's signature does not hold
  unauthenticated,  // who is calling could not be established
  forbidden,        // known, but not allowed
  not_found,
  conflict,  // contradicts what is stored (a revision, a unique name)
  too_many,  // a rate limit or a quota
  too_large,
  unprocessable,  // well-formed, but refused by a rule of the domain
  unavailable,    // try again later: overload, a lost database
  internal,       // a bug, or damage at rest
};

// The code as lower-case text, for logs: "not_found".
std::string_view name_of(ErrorCode code);

// One culprit in the input.
struct ErrorDetail {
  std::string pointer;  // RFC 6901 JSON pointer into the request body; empty: the whole of it
  std::string message;
  std::size_t line = 0;  // of a body of lines, counted from 1, into which `pointer` points
};

class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message);

  // Fluent additions, for use in a throw expression.
  Error with_private(std::string detail) &&;
  Error with_detail(std::string pointer, std::string message) &&;
  Error with_details(std::vector<ErrorDetail> details) &&;
  Error with_retry_after(std::chrono::seconds wait) &&;

  ErrorCode code() const { return code_; }
  // Public: may be shown to whoever caused it. Holds no secret.
  const std::string& message() const { return message_; }
  // For the log only.
  const std::string& private_detail() const { return private_detail_; }
  const std::vector<ErrorDetail>& details() const { return details_; }
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorCode code_;
  std::string message_;
  std::string private_detail_;
  std::vector<ErrorDetail> details_;
  std::optional<std::chrono::seconds> retry_after_;
};

// An `invalid` error with one culprit: its message is public and stands in the detail too.
Error invalid_at(std::string pointer, std::string message);

}  // namespace callboard
