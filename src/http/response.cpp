#include "http/response.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "http/request.hpp"

namespace callboard::http {
namespace {

// A plain loop: find_first_of would search the set of three for every character, which showed.
bool breaks_line(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

}  // namespace

void Response::header(std::string_view name, std::string_view value) {
  if (name.empty() || breaks_line(name) || breaks_line(value)) {
    throw Error(ErrorCode::internal, "internal error")
        .with_private("a response header would break its line: " + std::string(name));
  }
  if (equal_ignoring_case(name, "Content-Type")) has_content_type_ = true;
  header_lines_.append(name).append(": ").append(value).append("\r\n");
}

void Response::content_type(std::string_view type) {
  header("Content-Type", type);
}

void Response::stream_events(std::shared_ptr<EventStream> events) {
  stream = std::move(events);
  content_type("text/event-stream");
  header("Cache-Control", "no-cache");
  header("X-Accel-Buffering", "no");  // nginx would hold events back
}

void Response::keep_what_was_lent() {
  header_lines_ += std::exchange(lent_header_lines_, {});
  if (!lent_body_.empty()) body = std::exchange(lent_body_, {});
}

void Response::clear() {
  ending = Ending::whole;
  lent_header_lines_ = lent_body_ = {};
  status = 200;
  stream = nullptr;
  body.clear();
  header_lines_.clear();
  has_content_type_ = false;
}

Response json_response(std::string body, int status) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Responder::Responder(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Responder::Responder(Responder&&) noexcept = default;
Responder& Responder::operator=(Responder&&) noexcept = default;
Responder::~Responder() = default;

void Responder::send(Response response) {
  if (const auto impl = std::exchange(impl_, nullptr)) impl->answer({std::move(response), nullptr});
}

void Responder::fail(std::exception_ptr error) {
  if (const auto impl = std::exchange(impl_, nullptr)) impl->answer({{}, std::move(error)});
}

void Responder::fail_at(MonotonicTime deadline, std::exception_ptr error) {
  if (impl_) impl_->fail_at(deadline, std::move(error));
}

}  // namespace callboard::http
