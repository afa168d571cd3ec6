#pragma once

// For `callboard check`: whether the stored boards are what the server takes them for.

#include <functional>
#include <string>

#include "db/database.hpp"

namespace callboard::bulletins {

// Calls `report` with a sentence for each condition that does not compile, each board whose numbers
// lag behind its bulletins, and each change that announces a revision nobody has written.
void check_stored(db::Transaction& transaction, const std::function<void(std::string)>& report);

}  // namespace callboard::bulletins
