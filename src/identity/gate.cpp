#include "identity/gate.hpp"

namespace callboard::identity {

Gate::Gate(db::Database& database, const audience::Applications& applications, const Trust& trust,
           const OwnAddress& own_address, const Clock& clock, Metrics& metrics)
    : origins_(database),
      clients_(database, trust, clock, metrics),
      backends_(trust, clock, metrics),
      operators_(database, applications, own_address, clock) {}

bool Gate::admit_from_memory(const http::Route& route, http::Request& request) {
  return admit(route, request, Stage::memory);
}

void Gate::admit_blocking(const http::Route& route, http::Request& request) {
  admit(route, request, Stage::work);
}

bool Gate::allows_origin(const http::Request& request, std::string_view origin) {
  std::string_view app_id = request.caller.app_id;
  // Refused before its application was known: by what it says itself.
  if (app_id.empty()) app_id = request.header(app_id_header).value_or("");
  if (!app_id.empty()) return origins_.allows(app_id, origin);
  return origins_.any_allows(request.header("Host").value_or(""), origin);
}

bool Gate::admit(const http::Route& route, http::Request& request, Stage stage) {
  const bool is_from_a_page =
      route.surface == http::Surface::app && request.header("Origin").has_value();
  if (is_from_a_page && !origins_.is_current()) {
    if (stage == Stage::memory) return false;
    origins_.load();
  }
  switch (route.access) {
    case http::Access::anyone:
      return true;
    case http::Access::signed_client:
    case http::Access::client:
      return clients_.admit(route.access, request, stage);
    case http::Access::backend:
      return backends_.admit(request, stage);
    default:
      if (stage == Stage::memory) return false;
      operators_.admit(route, request);
      return true;
  }
}

}  // namespace callboard::identity
