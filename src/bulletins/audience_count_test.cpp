#include "bulletins/audience_count.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

using testing::ElementsAre;

class AudienceCountTest : public BulletinsTest {
 protected:
  void store(std::string_view app, int first, int end) {
    write([&](db::Transaction& transaction) {
      for (int number = first; number < end; ++number) {
        audience::replace_attributes(transaction, app, "u" + std::to_string(1'000'000 + number),
                                     {{"age", number % 100}}, {}, clock().now());
      }
    });
  }
  Audience count_under(int age) {
    return counter_.count(test_app, *conditions::parse(draft_for_under(age, "n").condition));
  }

  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  AudienceCounter counter_{database(), providers_, clock()};
};
INSTANTIATE_STORE_TESTS(AudienceCountTest);

TEST_P(AudienceCountTest, NobodyIsThere) {
  const Audience nobody = count_under(100);
  EXPECT_EQ(nobody.total, 0);
  EXPECT_EQ(nobody.matching, 0);
  EXPECT_THAT(nobody.sample, ElementsAre());
}

// More than one step from each end, and an end that does not fall on a step's.
TEST_P(AudienceCountTest, CountsEveryUserOfTheApplicationOnce) {
  store(test_app, 0, 43'210);
  store("other", 0, 10);
  const Audience some = count_under(25);
  EXPECT_EQ(some.total, 43'210);
  EXPECT_EQ(some.matching, 432 * 25 + 10);
  const Audience few = count_under(1);
  EXPECT_EQ(few.matching, 433);
  EXPECT_THAT(few.sample, ElementsAre("u1000000", "u1000100", "u1000200", "u1000300", "u1000400",
                                      "u1000500", "u1000600", "u1000700", "u1000800", "u1000900"));
}

TEST_P(AudienceCountTest, SamplesTheFirstEvenFromTheFarEnd) {
  store(test_app, 0, 100);
  write([&](db::Transaction& transaction) {
    for (const char* user : {"x3", "x1", "x2"}) {
      audience::replace_attributes(transaction, test_app, user, {{"age", -1}}, {}, clock().now());
    }
  });
  EXPECT_THAT(count_under(0).sample, ElementsAre("x1", "x2", "x3"));
}

}  // namespace
}  // namespace callboard::bulletins
