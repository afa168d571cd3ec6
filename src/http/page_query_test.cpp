#include "http/page_query.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::http {
namespace {

PageQuery asked(std::string_view query) {
  Request request;
  request.query = query;
  return page_query(request, {.default_limit = 10, .max_limit = 1000});
}

std::string refusal(std::string_view query) {
  try {
    asked(query);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return error.message();
  }
  return "none";
}

TEST(PageQuery, HasDefaults) {
  for (const char* query : {"", "x=1", "page=&limit=", "page"}) {
    EXPECT_EQ(asked(query).page, 1) << query;
    EXPECT_EQ(asked(query).limit, 10) << query;
    EXPECT_EQ(asked(query).offset(), 0) << query;
  }
}

TEST(PageQuery, ReadsBoth) {
  const PageQuery query = asked("limit=1000&x=y&page=1000000");
  EXPECT_EQ(query.page, 1'000'000);
  EXPECT_EQ(query.limit, 1000);
  EXPECT_EQ(query.offset(), 999'999'000);
  EXPECT_EQ(asked("page=%32").page, 2);
  EXPECT_EQ(asked("page=3&page=4").page, 3);
}

TEST(PageQuery, RefusesWhatIsNoNumberOfOne) {
  for (const char* value : {"0", "-1", "+1", "1.5", "1e3", "x", "1x", "0x1", " 1", "1000001",
                            "99999999999999999999", "-99999999999999999999"}) {
    EXPECT_EQ(refusal("page=" + std::string(value)),
              "page must be a whole number from 1 to 1000000")
        << value;
  }
  EXPECT_EQ(refusal("limit=1001"), "limit must be a whole number from 1 to 1000");
  EXPECT_EQ(refusal("limit=0"), "limit must be a whole number from 1 to 1000");
}

}  // namespace
}  // namespace callboard::http
