#pragma once

// Cookies of requests and answers (RFC 6265). Pure: any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace callboard::identity {

// The value of the first cookie of that name, as sent. It lives as long as the request.
std::optional<std::string_view> cookie_value(const http::Request& request, std::string_view name);

// HttpOnly always, and Secure where the outer scheme is https. A life of zero removes it.
struct Cookie {
  std::string_view name;
  std::string_view value = "";
  std::chrono::seconds life{0};
  std::string_view path = "/";
  std::string_view same_site = "Lax";
};
void set_cookie(http::Response& response, const http::Request& request, const Cookie& cookie);

}  // namespace callboard::identity
