#include "reminders/sending.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class SendingTest : public SendsTest {};
INSTANTIATE_STORE_TESTS(SendingTest);

TEST_P(SendingTest, RemindsEverybodyAtTheLeadTime) {
  add_at("1", 60min);
  join("1", 1, 3);
  clock().advance(30min - 1ms);
  work();
  EXPECT_THAT(received(), IsEmpty());
  clock().advance(1ms);
  work();
  expect_received(1, 3);
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
  EXPECT_THAT(outcomes(), ElementsAre(Pair("accepted", 3)));
  clock().advance(1h);
  work();
  expect_received(1, 3);
}

}  // namespace
}  // namespace callboard::reminders
