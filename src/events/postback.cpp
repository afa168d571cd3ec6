#include "events/postback.hpp"

#include <string>

#include "events/subscribing.hpp"

namespace callboard::events {

void handle_postback(db::Transaction& transaction, const EventWatcher& watcher,
                     std::string_view app_id, std::string_view user_id, std::string_view data) {
  if (!data.starts_with(unsubscribe_postback)) return;
  unsubscribe(transaction, watcher, {std::string(app_id), std::string(user_id)},
              data.substr(unsubscribe_postback.size()));
}

}  // namespace callboard::events
