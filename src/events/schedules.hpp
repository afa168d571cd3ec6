#pragma once

// The schedules of all applications in memory. Follows the changes of kind "event" and, because the
// time zone decides how times are written, "app": when a write's completion is called, the next
// reader on this node sees what was written.
//
// Owned by app/; any thread; `database`, `clock` and `metrics` outlive it.

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/metrics.hpp"
#include "db/database.hpp"
#include "events/schedule.hpp"

namespace callboard::events {

inline constexpr std::size_t default_schedule_bytes = std::size_t{256} << 20;

class Schedules {
 public:
  // Applications whose schedule a thread keeps at hand.
  static constexpr std::size_t near_schedules = 8;

  // Construct before Database::start_following().
  Schedules(db::Database& database, const Clock& clock, Metrics& metrics,
            std::size_t max_bytes = default_schedule_bytes);
  ~Schedules();
  Schedules(const Schedules&) = delete;
  Schedules& operator=(const Schedules&) = delete;

  // On the I/O thread. Null: not in memory, get() is needed. The pointer is good until the calling
  // thread calls current() again.
  const Schedule* current(std::string_view app_id) const;
  // Blocks where it is not in memory; loaded once, however many ask. Throws Error{not_found} where
  // there is no such application.
  std::shared_ptr<const Schedule> get(std::string_view app_id) const;

 private:
  struct Memory;
  struct Near;

  db::Database& database_;
  const std::shared_ptr<Memory> memory_;  // shared with the subscription, which may outlive this
  const std::unique_ptr<Near> near_;
};

}  // namespace callboard::events
