#pragma once

// What pages of other origins may do, as browsers ask for it: the CORS protocol
// (https://fetch.spec.whatwg.org/#http-cors-protocol). Only the routes that are for pages take
// part. Which origins are allowed is the gate's to say. Pure: any thread.

#include <chrono>
#include <string>
#include <string_view>

#include "http/route.hpp"

namespace callboard::http {

// For how long a browser need not ask again.
inline constexpr std::chrono::minutes preflight_life{10};

// `routes`, and for each path that is for pages one that answers OPTIONS: with what the path
// knows and, to a preflight, what a request may be like. `request_headers`: those that pages may
// send, separated by commas.
Routes with_preflights(Routes routes, const std::string& request_headers);

// Appends the header lines by which a page of that origin, which is allowed, may read the answer.
void append_cross_origin(std::string& lines, std::string_view origin);

}  // namespace callboard::http
