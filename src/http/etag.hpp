#pragma once

// Conditional requests (RFC 9110 section 13). Pure; any thread.

#include <string_view>

namespace callboard::http {

// Whether the If-None-Match value `candidates` ("*", or tags with commas between) names `etag`, by
// the weak comparison that is meant for it (RFC 9110, 8.8.3.2).
bool etag_matches(std::string_view candidates, std::string_view etag);

}  // namespace callboard::http
