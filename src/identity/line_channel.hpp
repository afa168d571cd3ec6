#pragma once

// An application's channels at LINE with their secrets opened, as its settings have them. Any
// thread.

#include "audience/audience.hpp"
#include "line/channel.hpp"

namespace callboard::identity {

// Throws Error{internal} where a secret was sealed with another server key.
line::Channel line_channel_of(const audience::Application& application,
                              const audience::SecretBox& secrets);

}  // namespace callboard::identity
