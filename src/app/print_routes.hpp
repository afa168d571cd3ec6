#pragma once

// The route table for programs to read: what the server answers, and to whom. Pure.

#include <ostream>

#include "http/route.hpp"

namespace callboard::app {

// One line of JSON a route: {"method":"GET","path":"/api/me","access":"viewer"}.
void print_routes(const http::Routes& routes, std::ostream& out);

}  // namespace callboard::app
