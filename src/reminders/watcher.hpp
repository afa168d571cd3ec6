#pragma once

// Reminders follow events: what is written, moved or deleted there has its reminders changed in the
// same transaction, and who subscribes when a reminder is out already gets it at once.
//
// Owned by app/; any thread. The clock outlives it.

#include "base/clock.hpp"
#include "events/events.hpp"

namespace callboard::reminders {

class Watcher final : public events::EventWatcher {
 public:
  explicit Watcher(const Clock& clock) : clock_(clock) {}

  void event_written(db::Transaction& transaction, const events::EventKey& key,
                     const events::Event& after, const events::Event* before) const override;
  void event_erased(db::Transaction& transaction, const events::EventKey& key) const override;
  void private_copies_adopted(db::Transaction& transaction, std::string_view app_id,
                              std::string_view event_id) const override;
  void subscribing(db::Transaction& transaction, const events::EventKey& key) const override;
  void subscribed(db::Transaction& transaction, const events::EventKey& key,
                  const events::Event& event, std::string_view user_id) const override;

 private:
  const Clock& clock_;
};

}  // namespace callboard::reminders
