#pragma once

// Who is calling, behind proxies. The headers that proxies set count only where the connection
// itself comes from one of ours. Read-only after construction: any thread.

#include <boost/asio/ip/address.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.hpp"

namespace callboard::http {

// Addresses and CIDR blocks, of both families: "10.0.0.0/8", "::1".
class AddressSet {
 public:
  // Throws Error{invalid} with the text that is neither.
  explicit AddressSet(std::span<const std::string> blocks);
  bool contains(const boost::asio::ip::address& address) const;

 private:
  struct Block {
    boost::asio::ip::address_v6 prefix;
    int length;  // in bits, of 128
  };
  std::vector<Block> blocks_;
};

struct Peer {
  std::string_view address;
  bool secure = false;
};

// For a connection from a trusted proxy at `address`: the right-most address of X-Forwarded-For
// that is not a trusted proxy's, and whether the outer scheme is https by the last value of
// X-Forwarded-Proto.
Peer forwarded_peer(std::string_view address, std::span<const Header> headers,
                    const AddressSet& trusted);

}  // namespace callboard::http
