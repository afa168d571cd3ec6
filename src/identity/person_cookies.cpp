#include "identity/person_cookies.hpp"

#include "identity/cookies.hpp"

namespace callboard::identity {
namespace {

constexpr std::string_view scheme = "Bearer ";

std::string_view same_site_of(const CookieStyle& style, const http::Request& request) {
  if (style.same_site == "strict") return "Strict";
  // Browsers drop a cookie for other sites that is not Secure.
  if (style.same_site == "none" && request.secure) return "None";
  return "Lax";
}

void set(http::Response& response, const http::Request& request, const CookieStyle& style,
         Cookie cookie) {
  cookie.path = style.path;
  cookie.same_site = same_site_of(style, request);
  set_cookie(response, request, cookie);
}

}  // namespace

void set_person_cookies(http::Response& response, const http::Request& request,
                        const CookieStyle& style, const OpenedSession& session) {
  set(response, request, style,
      {.name = access_token_cookie, .value = session.session_token, .life = session.expires_in});
  set(response, request, style,
      {.name = refresh_token_cookie, .value = session.refresh_token, .life = refresh_life});
}

void clear_person_cookies(http::Response& response, const http::Request& request,
                          const CookieStyle& style) {
  for (const std::string_view name : {access_token_cookie, refresh_token_cookie}) {
    set(response, request, style, {.name = name});
  }
}

std::string_view without_scheme(std::string_view text) {
  const bool has_scheme = http::equal_ignoring_case(text.substr(0, scheme.size()), scheme);
  return has_scheme ? text.substr(scheme.size()) : text;
}

}  // namespace callboard::identity
