#pragma once

// The one place where what went wrong becomes a status and a body; features never mention either.
// Pure functions, any thread. Errors of the protocol itself have the shape of Surface::app.

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

// Replaces what `out` holds. Anything but an Error is an internal error.
void write_problem(std::exception_ptr error, Surface surface, std::string_view request_id,
                   Response& out);
void write_refusal(const Refusal& refusal, Response& out);

}  // namespace callboard::http
