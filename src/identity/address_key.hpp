#pragma once

// What counts as one address of the network where callers are counted: all of IPv4's, of IPv6's one
// customer's /64. Pure: any thread.

#include <string>
#include <string_view>

namespace callboard::identity {

std::string key_of_address(std::string_view address);

}  // namespace callboard::identity
