#pragma once

// For `callboard check`: whether the stored events are what the server takes them for.

#include <functional>
#include <string>

#include "db/database.hpp"

namespace callboard::events {

// Calls `report` with a sentence for each event whose id, times or detail break a rule, and for
// each event of a user's own to which they are not subscribed.
void check_stored(db::Transaction& transaction, const std::function<void(std::string)>& report);

}  // namespace callboard::events
