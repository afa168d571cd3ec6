#include "identity/gate.hpp"

namespace callboard::identity {
namespace {

bool is_of_people(http::Access access) {
  return access >= http::Access::visitor && access <= http::Access::app_editor;
}

}  // namespace

Gate::Gate(db::Database& database, const audience::Applications& applications, const Trust& trust,
           audience::AppAddresses& addresses, const OwnAddress& own_address, const Clock& clock,
           Metrics& metrics)
    : addresses_(addresses),
      pages_(addresses, own_address),
      sessions_(trust, clock, metrics),
      clients_(database, trust, sessions_, clock),
      backends_(trust, clock, metrics),
      operators_(database, applications, own_address, clock),
      people_(applications, addresses, trust, sessions_, {clients_, backends_, operators_}, pages_,
              clock) {}

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
  if (!app_id.empty()) return addresses_.allows(app_id, origin);
  return addresses_.any_allows(request.header("Host").value_or(""), origin);
}

bool Gate::admit(const http::Route& route, http::Request& request, Stage stage) {
  const bool is_from_a_page = http::is_for_pages(route.surface) && request.header("Origin");
  const bool needs_addresses = is_from_a_page || is_of_people(route.access);
  if (needs_addresses && !addresses_.is_current()) {
    if (stage == Stage::memory) return false;
    addresses_.load();
  }
  switch (route.access) {
    case http::Access::anyone:
      return true;
    case http::Access::signed_client:
    case http::Access::client:
      return clients_.admit(route, route.access, request, stage);
    case http::Access::backend:
      return backends_.admit(request, stage);
    case http::Access::visitor:
    case http::Access::person:
    case http::Access::proven:
    case http::Access::app_editor:
      return people_.admit(route, request, stage);
    default:
      if (stage == Stage::memory) return false;
      operators_.admit(route, request);
      return true;
  }
}

}  // namespace callboard::identity
