#pragma once

// The API's description: /openapi.json for programs, /docs for people. From memory; any thread.

#include "http/route.hpp"

namespace callboard::app {

http::Routes api_reference_routes();

}  // namespace callboard::app
