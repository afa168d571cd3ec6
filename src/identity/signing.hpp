#pragma once

// The other side of the gate, for the command line, tests and benchmarks: what a client of
// Callboard sends. Pure functions, any thread.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/request_signature.hpp"
#include "identity/server_token.hpp"
#include "identity/session_token.hpp"

namespace callboard::identity {

struct RequestToSign {
  std::string_view app_id;
  std::string_view method = "GET";
  std::string_view target;              // path and query, as they will be sent
  std::string_view session_token = {};  // empty: none is sent
  std::string_view body = {};
};

// The value of X-BytePower-Sign. `nonce`: 8 to 64 of [A-Za-z0-9_-]; empty: a random one.
std::string sign_request(std::string_view client_key, const RequestToSign& request, Timestamp now,
                         std::string_view nonce = {});

// A session token for that user, of a new family. Throws Error{internal} where `keys`, the
// application's, hold none for sessions.
std::string session_token_for(const AppKeys& keys, std::string_view app_id,
                              std::string_view user_id, Timestamp now);

}  // namespace callboard::identity
