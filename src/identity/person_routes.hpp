#pragma once

// People who are logged in: carrying their session on, ending it, and who they are; and for
// operators, who there is. What is passed in outlives the routes.

#include "audience/audience.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/allowed_pages.hpp"
#include "identity/own_address.hpp"
#include "identity/sessions.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

inline constexpr std::size_t max_people_listed = 1000;  // of a page
inline constexpr std::size_t default_people_listed = 10;

struct PersonRoutesParts {
  db::Database& database;
  const audience::Applications& applications;
  const Trust& trust;
  const Sessions& sessions;
  const AllowedPages& pages;
  const OwnAddress& own_address;
  const Clock& clock;
};
http::Routes person_routes(const PersonRoutesParts& parts);

// Logging in without LINE, and people who are nobody: for developers alone.
http::Routes fake_person_routes(const PersonRoutesParts& parts);

}  // namespace callboard::identity
