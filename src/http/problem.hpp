#pragma once

// The one place where what went wrong becomes a status and a body; features never mention either.
// Pure functions, any thread. Errors of the protocol itself have the shape of Surface::app,
// unless the route is of people.

#include <exception>
#include <string_view>

#include "base/error.hpp"
#include "http/response.hpp"
#include "http/route.hpp"

namespace callboard::http {

// Why a request is not served, found by the server itself: before, or instead of, any handler.
struct Refusal {
  int status;               // 400, 404, 405, 408, 413, 414, 417, 431, 501, 505
  std::string_view reason;  // public; a literal
};

// What was thrown, as a value; anything but an Error is an internal one. A value may go to another
// thread where the exception itself had better not: who frees it last is unknown to TSan.
Error error_of(const std::exception_ptr& thrown);

// Both replace what `out` holds. An internal error, and private details, go to the log here, with
// the request's id.
void write_problem(const Error& error, Surface surface, const Request& request, Response& out);
// `surface`: of the route, where one was found.
void write_refusal(const Refusal& refusal, Response& out, Surface surface = Surface::app);

}  // namespace callboard::http
