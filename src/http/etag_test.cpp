#include "http/etag.hpp"

#include <gtest/gtest.h>

namespace callboard::http {
namespace {

TEST(ETag, ComparesWeakly) {
  EXPECT_TRUE(etag_matches(R"(W/"1")", R"(W/"1")"));
  EXPECT_TRUE(etag_matches(R"("1")", R"(W/"1")"));
  EXPECT_TRUE(etag_matches(R"("0" ,	W/"1", "2")", R"(W/"1")"));
  EXPECT_TRUE(etag_matches("*", R"(W/"1")"));
}

TEST(ETag, RefusesWhatIsAnotherTag) {
  EXPECT_FALSE(etag_matches("", R"(W/"1")"));
  EXPECT_FALSE(etag_matches(R"("11", W/"", 1)", R"(W/"1")"));
}

}  // namespace
}  // namespace callboard::http
