#pragma once

// For how many stored users does a condition hold? Exact for the users as they are stored: what
// only a request tells (app_version, language, ...) or another server does is missing. Every user
// is looked at once, as they are at some moment during the count. Owned by app/; any thread.

#include <atomic>
#include <chrono>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "bulletins/audience_meeting.hpp"
#include "conditions/condition.hpp"
#include "db/database.hpp"

namespace callboard::bulletins {

inline constexpr int max_audience_counts = 2;  // at once, of two threads each
inline constexpr std::chrono::seconds max_audience_time{20};

class AudienceCounter {
 public:
  AudienceCounter(db::Database& database, const audience::DataProviders& providers,
                  const Clock& clock);

  // Blocks. Throws Error{unavailable} where too many counts are under way, or it takes too long.
  Audience count(std::string_view app_id, const conditions::Condition& condition);

 private:
  db::Database& database_;
  const audience::DataProviders& providers_;
  const Clock& clock_;
  std::atomic<int> running_{0};
};

}  // namespace callboard::bulletins
