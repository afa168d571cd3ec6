#include "base/error.hpp"

#include <utility>

namespace callboard {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::bad_signature:
      return "bad_signature";
    case ErrorCode::unauthenticated:
      return "unauthenticated";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::too_many:
      return "too_many";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::unprocessable:
      return "unprocessable";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

Error::Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

Error Error::with_private(std::string detail) && {
  private_detail_ = std::move(detail);
  return std::move(*this);
}

Error Error::with_detail(std::string pointer, std::string message) && {
  details_.push_back({std::move(pointer), std::move(message)});
  return std::move(*this);
}

Error Error::with_details(std::vector<ErrorDetail> details) && {
  details_ = std::move(details);
  return std::move(*this);
}

Error Error::with_retry_after(std::chrono::seconds wait) && {
  retry_after_ = wait;
  return std::move(*this);
}

Error invalid_at(std::string pointer, std::string message) {
  std::string detail = message;
  return Error(ErrorCode::invalid, std::move(message))
      .with_detail(std::move(pointer), std::move(detail));
}

}  // namespace callboard
