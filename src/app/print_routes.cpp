#include "app/print_routes.hpp"

#include <array>
#include <boost/json.hpp>
#include <string_view>

namespace callboard::app {

void print_routes(const http::Routes& routes, std::ostream& out) {
  constexpr std::array<std::string_view, 13> accesses = {
      "anyone",     "signed_client", "client", "backend", "visitor", "person", "proven",
      "app_editor", "viewer",        "editor", "admin",   "owner",   "host"};
  static_assert(accesses.size() == static_cast<std::size_t>(http::Access::host) + 1);
  for (const http::Route& route : routes) {
    out << boost::json::serialize(
               boost::json::object{{"method", http::name_of(route.method)},
                                   {"path", route.path},
                                   {"access", accesses.at(static_cast<std::size_t>(route.access))}})
        << "\n";
  }
}

}  // namespace callboard::app
