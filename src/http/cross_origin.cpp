#include "http/cross_origin.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "http/router.hpp"

namespace callboard::http {
namespace {

// Whether the origin may ask at all is said by the lines that every answer to it gets.
Handler preflight_of(const std::string& methods, const std::string& request_headers) {
  return immediate([methods, request_headers](const Request& request, Response& response) {
    response.status = 204;
    response.header("Allow", methods);
    if (!request.header("Origin") || !request.header("Access-Control-Request-Method")) return;
    response.header("Access-Control-Allow-Methods", methods);
    response.header("Access-Control-Allow-Headers", request_headers);
    response.header("Access-Control-Max-Age",
                    std::to_string(std::chrono::seconds(preflight_life).count()));
  });
}

}  // namespace

Routes with_preflights(Routes routes, const std::string& request_headers) {
  std::map<std::string, std::uint8_t> methods;  // by path, one bit each
  for (const Route& route : routes) {
    if (is_for_pages(route.surface)) methods[route.path] |= bit_of(route.method);
  }
  for (const auto& [path, known] : methods) {
    if ((known & bit_of(Method::options)) != 0) continue;
    Route preflight;
    preflight.method = Method::options;
    preflight.path = path;
    preflight.access = Access::anyone;
    preflight.surface = Surface::app;
    preflight.handler = preflight_of(allow_header(known), request_headers);
    routes.push_back(std::move(preflight));
  }
  return routes;
}

// With Date a client whose clock is wrong can sign by ours.
void append_cross_origin(std::string& lines, std::string_view origin) {
  lines += "Access-Control-Allow-Origin: ";
  lines += origin;
  lines +=
      "\r\nAccess-Control-Allow-Credentials: true\r\n"
      "Access-Control-Expose-Headers: Date, ETag, X-Board-Revision, Retry-After, X-Request-ID\r\n"
      "Vary: Origin\r\n";
}

}  // namespace callboard::http
