#pragma once

// Whether a page may make a request that a person's cookie vouches for: the protection of people's
// cookies against other sites (CSRF). Built in app/; read-only: any thread.

#include <string_view>

#include "audience/audience.hpp"
#include "http/request.hpp"
#include "identity/own_address.hpp"

namespace callboard::identity {

class AllowedPages {
 public:
  AllowedPages(const audience::AppAddresses& addresses, const OwnAddress& own_address)
      : addresses_(addresses), own_address_(own_address) {}

  // Throws Error{forbidden} unless the page is of an origin that the application allows, or of this
  // server's own.
  void require(const http::Request& request, std::string_view app_id) const;

 private:
  const audience::AppAddresses& addresses_;
  const OwnAddress& own_address_;
};

}  // namespace callboard::identity
