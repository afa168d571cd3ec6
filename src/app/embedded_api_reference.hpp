#pragma once

// docs/openapi.yaml as the build put it into the program (render_api_reference): as JSON, and as a
// page for people that needs nothing from outside. Constants: any thread.

#include <string_view>

namespace callboard::app {

struct EmbeddedPage {
  std::string_view content_type;
  std::string_view etag;
  std::string_view security_policy;  // the value of Content-Security-Policy
  std::string_view text;
};

extern const EmbeddedPage api_description;
extern const EmbeddedPage api_reference;

}  // namespace callboard::app
