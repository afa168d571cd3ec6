#include "http/outgoing_address.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/address.hpp>

namespace callboard::http {
namespace {

bool judged_public(const char* text) {
  return is_public(boost::asio::ip::make_address(text));
}

TEST(OutgoingAddress, LetsPublicOnesPass) {
  for (const char* text :
       {"8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
        "192.167.255.255", "192.0.1.0", "223.255.255.255", "126.255.255.255", "128.0.0.1",
        "2606:4700::1111", "2400:cb00::1", "::ffff:8.8.8.8", "2001:4860:4860::8888"}) {
    EXPECT_TRUE(judged_public(text)) << text;
  }
}

TEST(OutgoingAddress, RefusesTheServersNeighbours) {
  for (const char* text :
       {"0.0.0.0",         "0.1.2.3",         "10.0.0.1",       "10.255.255.255",
        "100.64.0.1",      "100.127.255.255", "127.0.0.1",      "127.255.255.254",
        "169.254.169.254", "172.16.0.1",      "172.31.255.255", "192.0.0.8",
        "192.0.2.1",       "192.168.1.1",     "198.18.0.1",     "198.19.255.255",
        "198.51.100.7",    "203.0.113.9",     "224.0.0.1",      "239.255.255.255",
        "240.0.0.1",       "255.255.255.255"}) {
    EXPECT_FALSE(judged_public(text)) << text;
    const std::string mapped = std::string("::ffff:") + text;
    EXPECT_FALSE(judged_public(mapped.c_str())) << mapped;
  }
}

TEST(OutgoingAddress, RefusesWhatIsNotPublicInIpv6) {
  for (const char* text : {"::", "::1", "::127.0.0.1", "::8.8.8.8", "fe80::1", "fec0::1", "fc00::1",
                           "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
                           "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1"}) {
    EXPECT_FALSE(judged_public(text)) << text;
  }
}

}  // namespace
}  // namespace callboard::http
