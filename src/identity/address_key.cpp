#include "identity/address_key.hpp"

#include <arpa/inet.h>

namespace callboard::identity {

std::string key_of_address(std::string_view address) {
  constexpr std::size_t network_bytes = 8;
  in6_addr parsed{};
  const bool is_v6 = inet_pton(AF_INET6, std::string(address).c_str(), &parsed) == 1;
  if (!is_v6 || IN6_IS_ADDR_V4MAPPED(&parsed)) return "address " + std::string(address);
  return "network " + std::string(reinterpret_cast<const char*>(parsed.s6_addr), network_bytes);
}

}  // namespace callboard::identity
