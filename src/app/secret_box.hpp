#pragma once

// The server key as what seals and opens the secrets in applications' settings. Any thread.

#include "audience/audience.hpp"
#include "identity/identity.hpp"

namespace callboard::app {

audience::SecretBox secret_box(const identity::ServerKey& key);

}  // namespace callboard::app
