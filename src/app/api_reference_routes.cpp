#include "app/api_reference_routes.hpp"

#include "app/embedded_api_reference.hpp"
#include "http/etag.hpp"

namespace callboard::app {
namespace {

using http::Access;
using http::Method;
using http::Surface;

http::Handler page(const EmbeddedPage& page) {
  return http::immediate([&page](const http::Request& request, http::Response& response) {
    response.header("ETag", page.etag);
    response.header("Cache-Control", "no-cache");
    const auto known = request.header("If-None-Match");
    if (known && http::etag_matches(*known, page.etag)) {
      response.status = 304;
      return;
    }
    response.header("Content-Security-Policy", page.security_policy);
    response.header("X-Content-Type-Options", "nosniff");
    response.content_type(page.content_type);
    response.body = page.text;
  });
}

}  // namespace

http::Routes api_reference_routes() {
  return {
      {Method::get, "/openapi.json", Access::anyone, Surface::plain, page(api_description)},
      {Method::get, "/docs", Access::anyone, Surface::plain, page(api_reference)},
  };
}

}  // namespace callboard::app
