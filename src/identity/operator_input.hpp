#pragma once

// What operators' calls and commands have in common when they name roles. Pure functions.

#include <string_view>

#include "base/json_reader.hpp"
#include "http/request.hpp"

namespace callboard::identity {

// The member `role` of a body; where it is wrong or absent, the reader knows.
http::Role read_role(JsonReader& reader);
// Throws Error{forbidden} where the role is above the caller's own.
void require_within(const http::Request& request, http::Role role);

}  // namespace callboard::identity
