#include "quizzes/psycho_test_routes.hpp"

#include <gtest/gtest.h>

#include "tests/support/quizzes.hpp"

namespace callboard::quizzes {
namespace {

class PsychoTestRoutesTest : public QuizzesTest {};
INSTANTIATE_STORE_TESTS(PsychoTestRoutesTest);

TEST_P(PsychoTestRoutesTest, SayWhichGetsWrite) {
  const audience::Applications applications(database(), clock(), metrics());
  const Statistics statistics(database(), clock(), metrics());
  TallyWriter writer(database(), clock(), metrics());
  int reads = 0;
  for (const http::Route& route :
       psycho_test_routes(database(), writer, statistics, applications, clock())) {
    EXPECT_EQ(http::is_safe(route), route.path == "/psycho-test/type-percentage") << route.path;
    reads += http::is_safe(route) ? 1 : 0;
  }
  EXPECT_EQ(reads, 1);
}

}  // namespace
}  // namespace callboard::quizzes
