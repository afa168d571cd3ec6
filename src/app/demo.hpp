#pragma once

// The demo: a few bulletins and users in the application `demo`, so that somebody who has just
// started the server sees boards that differ from user to user.

#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::app {

// Does nothing where the application has had a bulletin before. One transaction.
void fill_demo(db::Database& database, const Clock& clock);

}  // namespace callboard::app
