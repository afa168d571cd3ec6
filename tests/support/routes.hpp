#pragma once

// Calls a feature's routes as plain functions: no socket and no gate. A request goes to the memory
// path first and from there to the work path, as on the server; call() waits for the answer.
//
//   RouteCaller routes(user_info_routes(applications, users));
//   const http::Answer answer = routes.call({.path = "/bp/user/info", .caller = caller});
//   EXPECT_EQ(body_of(answer), ...);  or  EXPECT_EQ(error_of(answer).code(), ErrorCode::invalid);

#include <algorithm>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "http/route.hpp"

namespace callboard {

struct Call {
  http::Method method = http::Method::get;
  std::string path;  // with its query
  std::string body = {};
  http::Caller caller = {};
  std::vector<http::Header> headers = {};
  std::string peer = {};
};

class RouteCaller {
 public:
  explicit RouteCaller(http::Routes routes) : routes_(std::move(routes)) {}

  // Throws where no route matches.
  http::Answer call(const Call& call) {
    http::Request request = request_of(call);
    const http::Route& route = route_of(request);
    try {
      http::Answer answer;
      from_memory_ =
          route.handler.from_memory && route.handler.from_memory(request, answer.response);
      answer.response.keep_what_was_lent();
      return from_memory_ ? std::move(answer) : work(route, request);
    } catch (const Error&) {
      return {{}, std::current_exception()};
    }
  }
  // Whether the last call was answered on the memory path.
  bool was_from_memory() const { return from_memory_; }

  const http::Route& route(http::Method method, std::string_view path) {
    http::Request request;
    request.method = method;
    request.path = path;
    return route_of(request);
  }

 private:
  class Awaited final : public http::Responder::Impl {
   public:
    explicit Awaited(std::promise<http::Answer> promise) : promise_(std::move(promise)) {}
    void answer(http::Answer answer) override { promise_.set_value(std::move(answer)); }
    void fail_at(MonotonicTime, std::exception_ptr) override {}

   private:
    std::promise<http::Answer> promise_;
  };

  static http::Request request_of(const Call& call) {
    http::Request request;
    request.method = call.method;
    request.target = call.path;
    const auto mark = call.path.find('?');
    request.path = request.target.substr(0, mark);
    if (mark != std::string::npos) request.query = request.target.substr(mark + 1);
    request.headers = call.headers;
    request.body = call.body;
    request.caller = call.caller;
    request.peer = call.peer;
    return request;
  }

  static http::Answer work(const http::Route& route, const http::Request& request) {
    std::promise<http::Answer> promise;
    auto answer = promise.get_future();
    route.handler.work(request, http::Responder(std::make_shared<Awaited>(std::move(promise))));
    return answer.get();
  }

  static std::string_view cut_segment(std::string_view& path) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    return segment;
  }

  // On a match the request has its parameters.
  static bool matches(std::string_view pattern, http::Request& request) {
    if (std::ranges::count(pattern, '/') != std::ranges::count(request.path, '/')) return false;
    std::size_t parameters = 0;
    for (std::string_view path = request.path; !pattern.empty() || !path.empty();) {
      const std::string_view wanted = cut_segment(pattern);
      const std::string_view given = cut_segment(path);
      if (wanted.starts_with('{'))
        request.parameters.at(parameters++) = given;
      else if (wanted != given)
        return false;
    }
    return true;
  }

  const http::Route& route_of(http::Request& request) const {
    for (const http::Route& route : routes_) {
      if (route.method == request.method && matches(route.path, request)) return route;
    }
    throw std::logic_error("no route for " + std::string(request.path));
  }

  http::Routes routes_;
  bool from_memory_ = false;
};

// Throws what the call threw.
inline const std::string& body_of(const http::Answer& answer) {
  if (answer.error) std::rethrow_exception(answer.error);
  return answer.response.body;
}

inline Error error_of(const http::Answer& answer) {
  if (!answer.error) throw std::logic_error("answered: " + answer.response.body);
  try {
    std::rethrow_exception(answer.error);
  } catch (const Error& error) {
    return error;
  }
}

// The pointer of the first culprit, or "none".
inline std::string pointer_of(const Error& error) {
  return error.details().empty() ? "none" : error.details().front().pointer;
}

}  // namespace callboard
