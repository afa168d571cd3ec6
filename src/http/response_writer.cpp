#include "http/response_writer.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "http/cross_origin.hpp"

namespace callboard::http {
namespace {

struct Reason {
  int status;
  std::string_view text;
};

constexpr std::array<Reason, 35> reasons = {{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

std::string_view reason_of(int status) {
  const auto found = std::ranges::lower_bound(reasons, status, {}, &Reason::status);
  return found != reasons.end() && found->status == status ? found->text : "Unknown";
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  const bool final_status = status >= 200 && status <= 599;
  const int shown = final_status ? status : 500;
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(shown));
  out.append(" ").append(reason_of(shown)).append("\r\n");
}

}  // namespace

void append_response(std::string& out, const Response& response, const ResponseContext& context) {
  const bool bodiless = response.status == 204 || response.status == 304;
  const std::string_view body = response.content();
  const std::string_view lent_lines = response.lent_header_lines();
  out.reserve(out.size() + body.size() + response.header_lines().size() + lent_lines.size() + 256);
  append_status_line(out, response.status);
  out += context.date_line;
  out += response.header_lines();
  out += lent_lines;
  if (!context.allowed_origin.empty()) append_cross_origin(out, context.allowed_origin);
  if (!bodiless && !context.without_length) {
    if (!body.empty() && !response.has_content_type()) {
      out += "Content-Type: application/json\r\n";
    }
    out += "Content-Length: ";
    append_number(out, body.size());
    out += "\r\n";
  }
  out += "X-Request-ID: ";
  out += context.request_id;
  if (context.close) {
    out += "\r\nConnection: close";
  } else if (context.http_1_0) {
    out += "\r\nConnection: keep-alive";
  }
  out += "\r\n\r\n";
  if (!bodiless && !context.head_only) out += body;
}

std::string_view DateLine::at(MonotonicTime now) {
  if (now >= stale_at_) {
    const Timestamp time = clock_.now();
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    line_ = fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", fmt::gmtime(second));
    stale_at_ = now + (second + std::chrono::seconds{1} - time);
  }
  return line_;
}

}  // namespace callboard::http
