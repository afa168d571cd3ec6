#pragma once

// What all folders keep of one user, as one: for showing it to them and for erasing it.

#include "audience/audience.hpp"
#include "identity/identity.hpp"

namespace callboard::app {

// `trust` outlives it.
audience::KeptElsewhere kept_of_users(const identity::Trust& trust);

}  // namespace callboard::app
