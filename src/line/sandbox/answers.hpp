#pragma once

// LINE's answers, as the sandbox gives them: bodies, and the header that names each request. Pure,
// any thread.

#include <string>
#include <string_view>
#include <vector>

#include "http/response.hpp"
#include "line/call_failure.hpp"

namespace callboard::line::sandbox {

// Statuses of LINE's protocol, which nothing else in Callboard speaks.
inline constexpr int status_bad_request = 400, status_unauthorized = 401, status_not_found = 404,
                     status_conflict = 409, status_too_large = 413, status_too_many = 429,
                     status_server_error = 500;
// Clients tell the two 429 apart by these words.
inline constexpr std::string_view rate_words =
    "The API rate limit has been exceeded. Try again later.";
inline constexpr std::string_view already_accepted_words = "The retry key is already accepted";
inline constexpr std::string_view monthly_words = "You have reached your monthly limit.";

// The Messaging API's: {"message","details"}.
http::Response api_error(int status, std::string_view message,
                         const std::vector<FailureDetail>& details = {});
// LINE Login's: {"error","error_description"} (RFC 6749 §5.2).
http::Response login_error(std::string_view error, std::string_view description);
http::Response html_page(std::string body, int status = 200);
http::Response redirect(std::string_view url);

std::string escaped_html(std::string_view text);

}  // namespace callboard::line::sandbox
