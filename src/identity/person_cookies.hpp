#pragma once

// The cookies of people who are logged in: an access token for an hour, and the refresh token that
// carries it on. Pure: any thread.

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"
#include "identity/sessions.hpp"

namespace callboard::identity {

inline constexpr std::string_view access_token_cookie = "access_token";
inline constexpr std::string_view refresh_token_cookie = "refresh_token";

// How an application wants its cookies.
struct CookieStyle {
  std::string path;       // that of the server's own address
  std::string same_site;  // "lax", "strict" or "none"
};

void set_person_cookies(http::Response& response, const http::Request& request,
                        const CookieStyle& style, const OpenedSession& session);
void clear_person_cookies(http::Response& response, const http::Request& request,
                          const CookieStyle& style);

// The token in such a cookie, which may stand behind "Bearer ".
std::string_view without_scheme(std::string_view text);

}  // namespace callboard::identity
