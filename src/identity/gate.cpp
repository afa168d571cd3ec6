#include "identity/gate.hpp"

namespace callboard::identity {

Gate::Gate(db::Database& database, const audience::Applications& applications, const Trust& trust,
           const OwnAddress& own_address, const Clock& clock, Metrics& metrics)
    : clients_(database, trust, clock, metrics),
      backends_(trust, clock, metrics),
      operators_(database, applications, own_address, clock) {}

bool Gate::admit_from_memory(const http::Route& route, http::Request& request) {
  return admit(route, request, Stage::memory);
}

void Gate::admit_blocking(const http::Route& route, http::Request& request) {
  admit(route, request, Stage::work);
}

bool Gate::admit(const http::Route& route, http::Request& request, Stage stage) {
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
