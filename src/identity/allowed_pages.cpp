#include "identity/allowed_pages.hpp"

namespace callboard::identity {

void AllowedPages::require(const http::Request& request, std::string_view app_id) const {
  const auto origin = request.header("Origin");
  if (origin && addresses_.allows(app_id, *origin)) return;
  own_address_.require_own_page(request);
}

}  // namespace callboard::identity
