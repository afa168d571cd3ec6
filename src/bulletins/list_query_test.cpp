#include "bulletins/list_query.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::bulletins {
namespace {

ListQuery read(std::string_view query) {
  http::Request request;
  request.query = query;
  return list_query(request);
}

std::string refusal(std::string_view query) {
  try {
    read(query);
  } catch (const Error& error) {
    return error.message();
  }
  return "accepted";
}

TEST(ListQuery, HasTheSeedsDefaults) {
  const ListQuery query = read("");
  EXPECT_EQ(query.page, 1);
  EXPECT_EQ(query.size, 10);
  EXPECT_EQ(query.order, "updated_at");
  EXPECT_TRUE(query.descending);
}

TEST(ListQuery, ReadsEveryParameter) {
  const ListQuery query =
      read("page=3&size=100&q=a%20b&category=c&state=expired&sort=bulletin_name");
  EXPECT_EQ(query.page, 3);
  EXPECT_EQ(query.size, 100);
  EXPECT_EQ(query.text, "a b");
  EXPECT_EQ(query.category, "c");
  EXPECT_EQ(query.state, State::expired);
  EXPECT_EQ(query.order, "bulletin_name");
  EXPECT_FALSE(query.descending);
  EXPECT_TRUE(read("sort=-priority").descending);
}

TEST(ListQuery, NamesTheParameterThatIsWrong) {
  EXPECT_EQ(refusal("page=0"), "page must be a whole number from 1 to 100000");
  EXPECT_EQ(refusal("page=1x"), "page must be a whole number from 1 to 100000");
  EXPECT_EQ(refusal("size=101"), "size must be a whole number from 1 to 100");
  EXPECT_EQ(refusal("state=asleep"), "state must be live, scheduled, expired or disabled");
  EXPECT_EQ(refusal("sort=body"), "sort can't be by \"body\"");
  EXPECT_EQ(refusal("colour=red"), "unknown query parameter colour");
  EXPECT_EQ(refusal("q=" + std::string(1025, 'x')), "q is too long");
}

}  // namespace
}  // namespace callboard::bulletins
