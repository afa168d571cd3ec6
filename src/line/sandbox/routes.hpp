#pragma once

// The sandbox's routes. `state` must outlive them.

#include "http/route.hpp"
#include "line/sandbox/state.hpp"

namespace callboard::line::sandbox {

http::Routes authorize_routes(State& state);  // the login page
http::Routes login_routes(State& state);      // tokens and people, for servers
http::Routes messaging_routes(State& state);
http::Routes control_routes(State& state);  // /sandbox: what was received, webhooks, faults

}  // namespace callboard::line::sandbox
