#pragma once

// LINE Login over HTTP: the way to LINE and the way back, both as redirects of a browser. What is
// passed in outlives the routes; `pool` is where they wait for LINE.

#include <cstdint>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/token_buckets.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "http/work_pool.hpp"
#include "identity/line_login.hpp"
#include "identity/own_address.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

// Departures of one address of the network; many people may sit behind one. 0: no limit.
struct LoginLimit {
  std::uint32_t departures_a_minute = 600;
};

http::Routes login_routes(db::Database& database, const audience::Applications& applications,
                          const Trust& trust, const LineLogin& login, const OwnAddress& own_address,
                          http::WorkPool& pool, LoginLimit limit, const Clock& clock);

}  // namespace callboard::identity
