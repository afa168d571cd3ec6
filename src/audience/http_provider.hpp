#pragma once

// The data provider that asks an application's own servers, as its settings name them: POST
// {"user_id":"...","names":[...]}, answered by {"variables":{"tier":"gold"}} or by 404 for a user
// nobody knows there. What was answered is kept for the provider's time to live, in memory alone.
//
// - It is asked only where a live condition uses one of its variables, and then for all of them, so
//   that what is kept does not depend on the board.
// - However many want to know about a user, one call is made; the I/O threads only see what is
// kept.
// - Whatever goes wrong, its variables are missing: for a few seconds before that user is asked for
//   again and, after failures in a row, for all users until a trial succeeds. Each call is counted
//   in callboard_http_provider_calls_total, by app and outcome.
//
// Owned by DataProviders; any thread; what is passed in outlives it.

#include <chrono>
#include <cstddef>
#include <memory>

#include "audience/data_providers.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "http/outgoing.hpp"

namespace callboard::audience {

inline constexpr std::size_t default_provider_cache_bytes = std::size_t{32} << 20;
inline constexpr std::chrono::seconds failure_life{5};  // at most the provider's time to live

std::unique_ptr<DataProvider> http_provider(db::Database& database,
                                            const Applications& applications,
                                            const http::OutgoingClient& client,
                                            const SecretBox& secrets, const Clock& clock,
                                            Metrics& metrics, std::size_t cache_bytes);

}  // namespace callboard::audience
