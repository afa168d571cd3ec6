#include "audience/web_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace callboard::audience {
namespace {

TEST(WebAddress, KnowsOrigins) {
  for (const auto* good : {"https://example.org", "http://localhost:5173", "https://a.b.c:8443",
                           "http://127.0.0.1:8000", "http://[::1]:8000"}) {
    EXPECT_TRUE(is_origin(good)) << good;
  }
  for (const auto* bad : {"",
                          "*",
                          "null",
                          "example.org",
                          "https://",
                          "https://example.org/",
                          "https://Example.org",
                          "https://example.org:443",
                          "http://example.org:80",
                          "https://example.org/path",
                          "https://example.org?q",
                          "https://example.org#f",
                          "https://user@example.org",
                          "https://example.org:0",
                          "https://example.org:",
                          "https://example.org:0444",
                          "https://example.org:99999",
                          "ftp://example.org",
                          "javascript:alert(1)",
                          "https://exa mple.org",
                          "https://example.org\r\nX: y"}) {
    EXPECT_FALSE(is_origin(bad)) << bad;
  }
}

TEST(WebAddress, KnowsHosts) {
  for (const auto* good : {"example.org", "localhost:5173", "a-b.example.org", "127.0.0.1"}) {
    EXPECT_TRUE(is_host(good)) << good;
  }
  for (const auto* bad : {"", "https://example.org", "//example.org", "example.org/", "user@host",
                          "Example.org", "example.org:443", "a b", "a?b"}) {
    EXPECT_FALSE(is_host(bad)) << bad;
  }
}

TEST(WebAddress, KnowsFrontEnds) {
  for (const auto* good : {"https://example.org", "https://example.org/bikefest/",
                           "http://localhost:5173/a/b", "https://Example.org/CASE"}) {
    EXPECT_TRUE(is_front_end_url(good)) << good;
  }
  for (const auto* bad : {"", "/bikefest", "//example.org/a", "https://example.org/a?b",
                          "https://example.org/#a", "https://user:pw@example.org/"}) {
    EXPECT_FALSE(is_front_end_url(bad)) << bad;
  }
  EXPECT_FALSE(is_front_end_url("https://example.org/" + std::string(max_url_bytes, 'a')));
}

}  // namespace
}  // namespace callboard::audience
