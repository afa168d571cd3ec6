#include "http/forwarded.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::http {
namespace {

using Blocks = std::vector<std::string>;

bool contains(const Blocks& blocks, const char* address) {
  return AddressSet(blocks).contains(boost::asio::ip::make_address(address));
}

TEST(AddressSet, KnowsBlocksOfBothFamilies) {
  const Blocks blocks = {"10.0.0.0/8", "192.168.1.1", "2001:db8::/33", "::1"};
  EXPECT_TRUE(contains(blocks, "10.255.0.1"));
  EXPECT_TRUE(contains(blocks, "::ffff:10.1.2.3"));
  EXPECT_FALSE(contains(blocks, "11.0.0.1"));
  EXPECT_TRUE(contains(blocks, "192.168.1.1"));
  EXPECT_FALSE(contains(blocks, "192.168.1.2"));
  EXPECT_TRUE(contains(blocks, "2001:db8:7fff::1"));
  EXPECT_FALSE(contains(blocks, "2001:db8:8000::1"));
  EXPECT_TRUE(contains(blocks, "::1"));
  EXPECT_TRUE(contains({"0.0.0.0/0"}, "1.2.3.4"));
  EXPECT_FALSE(contains({"0.0.0.0/0"}, "::1"));
  EXPECT_FALSE(contains({}, "127.0.0.1"));
}

TEST(AddressSet, RefusesWhatIsNeither) {
  for (const char* text : {"", "localhost", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1",
                           "10.0.0.0/8x", "10.0.0"}) {
    EXPECT_THROW(AddressSet(Blocks{text}), Error) << text;
  }
}

struct Case {
  std::vector<Header> headers;
  std::string_view address;
  bool secure;
};

TEST(ForwardedPeer, IsTheRightmostThatIsNotOurs) {
  const AddressSet trusted(Blocks{"127.0.0.1", "10.0.0.0/8"});
  const Case cases[] = {
      {{}, "127.0.0.1", false},
      {{{"X-Forwarded-For", "1.1.1.1"}}, "1.1.1.1", false},
      {{{"x-forwarded-for", "9.9.9.9, 1.1.1.1"}}, "1.1.1.1", false},
      {{{"X-Forwarded-For", "9.9.9.9, 1.1.1.1 , 10.0.0.2,10.0.0.3"}}, "1.1.1.1", false},
      {{{"X-Forwarded-For", "10.0.0.2, 10.0.0.3"}}, "10.0.0.2", false},
      {{{"X-Forwarded-For", "9.9.9.9"}, {"X-Forwarded-For", "10.0.0.3"}}, "9.9.9.9", false},
      {{{"X-Forwarded-For", "9.9.9.9"}, {"X-Forwarded-For", "1.1.1.1"}}, "1.1.1.1", false},
      {{{"X-Forwarded-For", "9.9.9.9, unknown, 10.0.0.3"}}, "10.0.0.3", false},
      {{{"X-Forwarded-For", "nonsense"}}, "127.0.0.1", false},
      {{{"X-Forwarded-For", "2001:db8::1"}}, "2001:db8::1", false},
      {{{"X-Forwarded-Proto", "https"}}, "127.0.0.1", true},
      {{{"X-Forwarded-Proto", "http"}}, "127.0.0.1", false},
      {{{"X-Forwarded-Proto", "https, http"}}, "127.0.0.1", false},
      {{{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}, "127.0.0.1", false},
  };
  for (const Case& each : cases) {
    const Peer peer = forwarded_peer("127.0.0.1", each.headers, trusted);
    EXPECT_EQ(peer.address, each.address);
    EXPECT_EQ(peer.secure, each.secure);
  }
}

}  // namespace
}  // namespace callboard::http
