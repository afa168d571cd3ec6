#pragma once

// The data provider of `subscribed_events`: the ids of the events that a user is subscribed to, as
// a list. In memory for the users who were asked about last.
//
// Owned by the registry it is added to; any thread; what is passed in outlives it.

#include <cstddef>
#include <memory>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"

namespace callboard::events {

inline constexpr std::size_t subscribed_events_bytes = std::size_t{16} << 20;

std::unique_ptr<audience::DataProvider> subscribed_events_provider(db::Database& database,
                                                                   const Clock& clock,
                                                                   Metrics& metrics);

}  // namespace callboard::events
