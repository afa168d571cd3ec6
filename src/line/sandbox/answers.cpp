#include "line/sandbox/answers.hpp"

#include <boost/json.hpp>

namespace callboard::line::sandbox {
namespace {

namespace json = boost::json;

// A page needs nothing from elsewhere but the pictures of the messages it shows.
constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src "
    "'self'; "
    "img-src https: data:; base-uri 'none'; frame-ancestors 'none'";

}  // namespace

http::Response api_error(int status, std::string_view message,
                         const std::vector<FailureDetail>& details) {
  json::object body{{"message", message}};
  json::array all;
  for (const FailureDetail& detail : details) {
    all.push_back(json::object{{"message", detail.message}, {"property", detail.property}});
  }
  if (!all.empty()) body["details"] = std::move(all);
  return http::json_response(json::serialize(body), status);
}

http::Response login_error(std::string_view error, std::string_view description) {
  return http::json_response(
      json::serialize(json::object{{"error", error}, {"error_description", description}}),
      status_bad_request);
}

http::Response html_page(std::string body, int status) {
  http::Response response;
  response.status = status;
  response.content_type("text/html; charset=utf-8");
  response.header("Content-Security-Policy", page_policy);
  response.header("Cache-Control", "no-store");
  response.header("Referrer-Policy", "no-referrer");
  response.body = std::move(body);
  return response;
}

http::Response redirect(std::string_view url) {
  http::Response response;
  response.status = 302;
  response.header("Location", url);
  response.header("Cache-Control", "no-store");
  return response;
}

std::string escaped_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace callboard::line::sandbox
