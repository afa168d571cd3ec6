#pragma once

// The demo's own front end, a small page at /demo: it shows what a front end does with the calls
// on events and people. Pure; any thread.

#include <string>
#include <string_view>

#include "http/route.hpp"

namespace callboard::app {

// `sandbox_url`: where the stand-in for LINE is, for browsers.
http::Routes demo_page_routes(const std::string& sandbox_url);

// As they were when this was built.
std::string_view demo_html();
std::string_view demo_css();
std::string_view demo_js();

}  // namespace callboard::app
