#include "line/sandbox/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "line/sandbox/grants.hpp"

namespace callboard::line::sandbox {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class LedgerTest : public testing::Test {
 protected:
  static Sending sending(std::string retry_key, std::vector<std::string> to = {"U1"}) {
    Sending made{.endpoint = "push",
                 .to = std::move(to),
                 .messages = std::make_shared<const std::string>("[]"),
                 .retry_key = std::move(retry_key),
                 .body = "body",
                 .request_id = "request",
                 .delivered = {}};
    made.delivered.assign(made.to.size(), true);
    return made;
  }
  std::size_t admitted(std::size_t calls, std::size_t limit) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < calls; ++i) count += ledger_.admits("push", limit) ? 1 : 0;
    return count;
  }

  SimulatedClock clock_;
  Ledger ledger_{std::nullopt, clock_};
};

TEST_F(LedgerTest, AdmitsSoManyInAnySecond) {
  EXPECT_EQ(admitted(3, 5), 3u);
  clock_.advance(600ms);
  EXPECT_EQ(admitted(3, 5), 2u);
  EXPECT_THAT(ledger_.shown_violations(), HasSubstr("more than 5 calls of push"));
  clock_.advance(399ms);
  EXPECT_EQ(admitted(1, 5), 0u);
  clock_.advance(1ms);
  EXPECT_EQ(admitted(9, 5), 3u) << "the first three have been a second ago";
  EXPECT_TRUE(ledger_.admits("multicast", 1)) << "which is counted by itself";
}

TEST_F(LedgerTest, TheMonthsLimitCanChange) {
  ledger_.set_monthly_limit(2);
  EXPECT_EQ(ledger_.take(sending("a", {"U1", "U2", "U3"})).verdict, Verdict::monthly_limit);
  EXPECT_EQ(ledger_.take(sending("b", {"U1", "U2"})).verdict, Verdict::accepted);
  EXPECT_EQ(ledger_.take(sending("c")).verdict, Verdict::monthly_limit);
  ledger_.set_monthly_limit(3);
  EXPECT_EQ(ledger_.monthly_limit(), 3);
  EXPECT_EQ(ledger_.take(sending("c")).verdict, Verdict::accepted);
  ledger_.set_monthly_limit(std::nullopt);
  EXPECT_EQ(ledger_.take(sending("d")).verdict, Verdict::accepted);
}

TEST_F(LedgerTest, RemembersARetryKeyForADay) {
  EXPECT_EQ(ledger_.take(sending("k")).verdict, Verdict::accepted);
  clock_.advance(24h - 1ms);
  const Taken again = ledger_.take(sending("k"));
  EXPECT_EQ(again.verdict, Verdict::accepted_before);
  EXPECT_EQ(again.accepted_request_id, "request");
  clock_.advance(1ms);
  EXPECT_EQ(ledger_.take(sending("k")).verdict, Verdict::accepted);
  EXPECT_EQ(ledger_.used(), 2);
}

TEST_F(LedgerTest, NoticesWhatASenderShouldNotDo) {
  ledger_.take(sending("k"));
  EXPECT_THAT(ledger_.shown_violations(), Not(HasSubstr("what")));
  Sending changed = sending("k");
  changed.body = "another";
  ledger_.take(changed);
  EXPECT_THAT(ledger_.shown_violations(), HasSubstr("the retry key k came again"));
  ledger_.take(sending(""));
  EXPECT_THAT(ledger_.shown_violations(), HasSubstr("a push without a retry key"));
  ledger_.clear();
  EXPECT_EQ(ledger_.shown_violations(), R"({"violations":[]})");
  EXPECT_EQ(ledger_.shown("", 0), R"({"messages":[]})");
}

TEST_F(LedgerTest, EndsALongAnswerEarly) {
  ledger_.take(sending("k1"));
  ledger_.take(sending("k2"));
  const std::string first = ledger_.shown("", 0, 100);
  EXPECT_THAT(first, HasSubstr(R"("retry_key":"k1")"));
  EXPECT_THAT(first, testing::EndsWith(R"(],"more":true})"));
  EXPECT_THAT(ledger_.shown("", 1, 100), HasSubstr(R"("retry_key":"k2")"));
  EXPECT_THAT(ledger_.shown("", 1, 100), Not(HasSubstr("more")));
}

TEST(Grants, LastAsLongAsLines) {
  SimulatedClock clock;
  Grants grants(clock);
  const std::string kept = grants.issue_code({.user_id = "U1"});
  const std::string late = grants.issue_code({.user_id = "U2"});
  const std::string stateless = grants.issue_stateless();
  clock.advance(10min - 1ms);
  EXPECT_EQ(grants.take_code(kept)->user_id, "U1");
  EXPECT_FALSE(grants.take_code(kept));
  clock.advance(1ms);
  EXPECT_FALSE(grants.take_code(late));
  EXPECT_TRUE(grants.is_stateless(stateless));
  clock.advance(5min);
  EXPECT_FALSE(grants.is_stateless(stateless));
  const GrantedTokens tokens = grants.issue_tokens("U1", "profile");
  clock.advance(access_token_life);
  EXPECT_FALSE(grants.access(tokens.access_token));
  EXPECT_TRUE(grants.refreshable(tokens.refresh_token));
}

}  // namespace
}  // namespace callboard::line::sandbox
