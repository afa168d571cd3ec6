#include "http/outgoing_address.hpp"

#include <array>
#include <string>

#include "http/forwarded.hpp"

namespace callboard::http {
namespace {

const std::array<std::string, 19> special_blocks = {
    "0.0.0.0/8",        // this network
    "10.0.0.0/8",       // private
    "100.64.0.0/10",    // carrier-grade NAT
    "127.0.0.0/8",      // loopback
    "169.254.0.0/16",   // link-local, metadata services
    "172.16.0.0/12",    // private
    "192.0.0.0/24",     // IETF protocol assignments
    "192.0.2.0/24",     // documentation
    "192.88.99.0/24",   // relays from 6to4
    "192.168.0.0/16",   // private
    "198.18.0.0/15",    // benchmarks
    "198.51.100.0/24",  // documentation
    "203.0.113.0/24",   // documentation
    "224.0.0.0/4",      // multicast
    "240.0.0.0/4",      // reserved, broadcast
    "2001::/23",        // IETF protocol assignments, Teredo
    "2001:db8::/32",    // documentation
    "2002::/16",        // 6to4, which holds any IPv4 address
    "3fff::/20",        // documentation
};
const std::array<std::string, 1> every_ipv4 = {"0.0.0.0/0"};
// The only part of IPv6 that is given out as public; loopback, unique local, link-local, multicast,
// NAT64 and mapped addresses lie outside.
const std::array<std::string, 1> global_ipv6 = {"2000::/3"};

}  // namespace

bool is_public(const boost::asio::ip::address& address) {
  static const AddressSet special(special_blocks), ipv4(every_ipv4), ipv6(global_ipv6);
  return (ipv4.contains(address) || ipv6.contains(address)) && !special.contains(address);
}

}  // namespace callboard::http
