#include "http/response.hpp"

#include <string>
#include <utility>

#include "base/error.hpp"
#include "http/request.hpp"

namespace callboard::http {
namespace {

constexpr std::string_view line_breakers{"\r\n\0", 3};

}  // namespace

void Response::header(std::string_view name, std::string_view value) {
  if (name.empty() || name.find_first_of(line_breakers) != name.npos ||
      value.find_first_of(line_breakers) != value.npos) {
    throw Error(ErrorCode::internal, "internal error")
        .with_private("a response header would break its line: " + std::string(name));
  }
  if (equal_ignoring_case(name, "Content-Type")) has_content_type_ = true;
  header_lines_.append(name).append(": ").append(value).append("\r\n");
}

void Response::content_type(std::string_view type) {
  header("Content-Type", type);
}

void Response::clear() {
  status = 200;
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
