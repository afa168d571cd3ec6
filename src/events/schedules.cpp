#include "events/schedules.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/per_thread.hpp"
#include "cache/cache.hpp"
#include "events/event_store.hpp"

namespace callboard::events {

struct Schedules::Memory {
  // One shard: a schedule may have all the room, and threads keep at hand what they use.
  Memory(std::size_t max_bytes, const Clock& clock, Metrics& metrics)
      : cache({.name = "schedules", .max_bytes = max_bytes, .lifetime = {}, .shards = 1}, clock,
              metrics) {}

  // The values go first: whoever sees the new generation finds nothing old.
  void follow(const db::Change& change) {
    if (change.kind.empty())
      cache.clear();
    else if (change.kind == event_change || change.kind == "app")
      cache.erase(cache::Key(change.app_id));
    else
      return;
    generation.fetch_add(1, std::memory_order_release);
  }

  cache::Cache<Schedule> cache;
  std::atomic<std::uint64_t> generation{1};
};

struct Schedules::Near {
  struct Place {
    std::string app_id;
    std::uint64_t generation = 0;
    std::shared_ptr<const Schedule> schedule;
  };
  struct Places {
    std::vector<Place> places;
    std::size_t oldest = 0;

    Place& place_of(std::string_view app_id) {
      const auto found = std::ranges::find(places, app_id, &Place::app_id);
      if (found != places.end()) return *found;
      if (places.size() < near_schedules) return places.emplace_back();
      return places[oldest++ % near_schedules];
    }
  };
  PerThread<Places> threads;
};

Schedules::Schedules(db::Database& database, const Clock& clock, Metrics& metrics,
                     std::size_t max_bytes)
    : database_(database),
      memory_(std::make_shared<Memory>(max_bytes, clock, metrics)),
      near_(std::make_unique<Near>()) {
  database_.on_change([memory = memory_](const db::Change& change) { memory->follow(change); });
}

Schedules::~Schedules() = default;

const Schedule* Schedules::current(std::string_view app_id) const {
  // Before the look-up: what changes meanwhile makes the place outdated.
  const std::uint64_t generation = memory_->generation.load(std::memory_order_acquire);
  auto& places = near_->threads.mine([] { return Near::Places(); });
  const auto known = std::ranges::find(places.places, app_id, &Near::Place::app_id);
  if (known != places.places.end() && known->generation == generation) return known->schedule.get();
  auto found = memory_->cache.find(cache::Key(app_id));
  if (found == nullptr) return nullptr;
  Near::Place& place = places.place_of(app_id);
  place = {std::string(app_id), generation, std::move(found)};
  return place.schedule.get();
}

std::shared_ptr<const Schedule> Schedules::get(std::string_view app_id) const {
  return memory_->cache.load(cache::Key(app_id), [&]() -> cache::Cache<Schedule>::Loaded {
    std::vector<Event> events;
    const auto application = database_.get([&](db::Transaction& transaction) {
      auto found = audience::find_application(transaction, app_id);
      if (!found) throw Error(ErrorCode::not_found, "there is no such application");
      each_event(transaction, app_id, [&](Event event) { events.push_back(std::move(event)); });
      return *std::move(found);
    });
    auto schedule =
        std::make_shared<const Schedule>(application.app_id, application.settings.name,
                                         Zone(application.settings.time_zone), std::move(events));
    const std::size_t bytes = schedule->bytes();
    return {std::move(schedule), bytes};
  });
}

}  // namespace callboard::events
