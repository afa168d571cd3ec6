#include "events/answers.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include "http/etag.hpp"

namespace callboard::events {
namespace {

constexpr std::string_view before_etag = "ETag: ";
constexpr std::size_t etag_size = std::string_view("\"0123456789abcdef\"").size();

}  // namespace

std::string answer_body(std::string_view data) {
  std::string body(answer_head);
  body.append(data).append(answer_tail);
  return body;
}

std::string validator_lines(std::uint64_t hash) {
  return fmt::format("{}\"{:016x}\"\r\nCache-Control: private, no-cache\r\n", before_etag, hash);
}

std::string validator_lines_of(std::string_view body) {
  return validator_lines(XXH3_64bits(body.data(), body.size()));
}

std::string_view etag_in(std::string_view validator_lines) {
  return validator_lines.substr(before_etag.size(), etag_size);
}

bool is_known(const http::Request& request, std::string_view etag) {
  const auto known = request.header("If-None-Match");
  return known && http::etag_matches(*known, etag);
}

http::Response calendar_response(const http::Request& request, std::string_view text,
                                 std::string_view validator_lines) {
  const std::string_view etag = etag_in(validator_lines);
  http::Response response;
  response.header("ETag", etag);
  response.header("Cache-Control", "private, no-cache");
  if (is_known(request, etag)) {
    response.status = 304;
  } else {
    response.content_type("text/calendar; charset=utf-8");
    response.body = text;
  }
  return response;
}

}  // namespace callboard::events
