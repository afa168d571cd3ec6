#pragma once

// Which addresses an outgoing call to a configured URL may go to: only those of the public
// internet, so that nobody reaches the server's own neighbours (loopback, private networks, a
// cloud's metadata service) through it. Pure: any thread. Not for features: see outgoing.hpp.

#include <boost/asio/ip/address.hpp>

namespace callboard::http {

// By IANA's special-purpose address registries (RFC 6890 and its updates). An IPv4 address within
// IPv6 is judged as the IPv4 address.
bool is_public(const boost::asio::ip::address& address);

}  // namespace callboard::http
