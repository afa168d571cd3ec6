#include "identity/cookies.hpp"

namespace callboard::identity {
namespace {

// Cuts "name=value" off the front of a Cookie header (RFC 6265 §4.2.1).
std::string_view cut_pair(std::string_view& text) {
  const auto end = text.find(';');
  std::string_view pair = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (pair.starts_with(' ')) pair.remove_prefix(1);
  return pair;
}

}  // namespace

std::optional<std::string_view> cookie_value(const http::Request& request, std::string_view name) {
  for (const http::Header& header : request.headers) {
    if (!http::equal_ignoring_case(header.name, "Cookie")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const std::string_view pair = cut_pair(rest);
      if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
        return pair.substr(name.size() + 1);
      }
    }
  }
  return std::nullopt;
}

void set_cookie(http::Response& response, const http::Request& request, const Cookie& cookie) {
  std::string line(cookie.name);
  line.append("=").append(cookie.value).append("; Path=").append(cookie.path);
  line.append("; HttpOnly; SameSite=").append(cookie.same_site);
  line.append("; Max-Age=").append(std::to_string(cookie.life.count()));
  if (request.secure) line.append("; Secure");
  response.header("Set-Cookie", line);
}

}  // namespace callboard::identity
