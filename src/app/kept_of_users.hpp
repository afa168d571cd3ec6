#pragma once

// What all folders keep of one user, as one: for showing it to them and for erasing it.

#include "audience/audience.hpp"
#include "events/events.hpp"
#include "identity/identity.hpp"

namespace callboard::app {

// `trust` and `watcher` outlive it.
audience::KeptElsewhere kept_of_users(const identity::Trust& trust,
                                      const events::EventWatcher& watcher);

}  // namespace callboard::app
