#include "reminders/attempt.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace callboard::reminders {
namespace {

using namespace std::chrono_literals;
namespace outcome = line::outcome;

constexpr Timestamp now{1'000'000s};
constexpr std::chrono::milliseconds pause = 4s;

std::string shown(const Verdict& verdict) {
  struct Show {
    std::string operator()(const verdict::Ended& ended) const {
      return fmt::format("{} '{}' {}", ended.state, ended.message, ended.request_id);
    }
    std::string operator()(const verdict::Again& again) const {
      return fmt::format("again in {}s{} '{}'",
                         std::chrono::duration_cast<std::chrono::seconds>(again.at - now).count(),
                         again.in_doubt ? " in doubt" : "", again.message);
    }
    std::string operator()(const verdict::Refreeze& refreeze) const {
      return fmt::format("refreeze without {} '{}'", fmt::join(refreeze.rejected, ","),
                         refreeze.message);
    }
    std::string operator()(const verdict::Hold& hold) const {
      return fmt::format("hold {} {}min '{}'", hold.reason,
                         std::chrono::duration_cast<std::chrono::minutes>(hold.rest).count(),
                         hold.message);
    }
  };
  return std::visit(Show{}, verdict);
}

// What follows from an outcome, where no earlier attempt is in doubt or one is, and the next
// attempt would be in time or not.
struct Rule {
  const char* what;
  line::SendOutcome outcome;
  const char* in_time;
  const char* in_doubt_in_time;
  const char* too_late;
  const char* in_doubt_too_late;
};

std::vector<Rule> rules() {
  const outcome::Rejected refused{400, "no", {}, {}};
  const outcome::Rejected named{400, "not these", {}, {1, 4}};
  return {
      {"accepted", outcome::Accepted{"id"}, "accepted '' id", "accepted '' id", "accepted '' id",
       "accepted '' id"},
      {"accepted before", outcome::AcceptedBefore{"id"}, "accepted 'accepted before' id",
       "accepted 'accepted before' id", "accepted 'accepted before' id",
       "accepted 'accepted before' id"},
      {"accepted before, by nobody knows which", outcome::AcceptedBefore{},
       "accepted 'accepted before' ", "accepted 'accepted before' ", "accepted 'accepted before' ",
       "accepted 'accepted before' "},
      {"rejected", refused, "rejected 'no' ", "unknown 'no' ", "rejected 'no' ", "unknown 'no' "},
      {"rejected for some", named, "refreeze without 1,4 'not these'", "unknown 'not these' ",
       "refreeze without 1,4 'not these'", "unknown 'not these' "},
      {"too many", outcome::RetryLater{}, "again in 4s 'too many requests'",
       "again in 4s in doubt 'too many requests'", "expired 'too many requests' ",
       "unknown 'too many requests' "},
      {"too many, and a shorter wait is asked for", outcome::RetryLater{2s},
       "again in 4s 'too many requests'", "again in 4s in doubt 'too many requests'",
       "expired 'too many requests' ", "unknown 'too many requests' "},
      {"too many, and a longer wait is asked for", outcome::RetryLater{9s},
       "again in 9s 'too many requests'", "again in 9s in doubt 'too many requests'",
       "expired 'too many requests' ", "unknown 'too many requests' "},
      {"too many, and a wait beyond the end is asked for", outcome::RetryLater{600s},
       "expired 'too many requests' ", "unknown 'too many requests' ",
       "expired 'too many requests' ", "unknown 'too many requests' "},
      {"the month's limit", outcome::MonthlyLimit{},
       "hold monthly_quota 10min 'the monthly limit is reached'",
       "hold monthly_quota 10min 'the monthly limit is reached'",
       "hold monthly_quota 10min 'the monthly limit is reached'",
       "hold monthly_quota 10min 'the monthly limit is reached'"},
      {"unauthorized", outcome::Unauthorized{"who?"}, "hold unauthorized 1min 'who?'",
       "hold unauthorized 1min 'who?'", "hold unauthorized 1min 'who?'",
       "hold unauthorized 1min 'who?'"},
      {"no answer", outcome::Retry{true, "silence"}, "again in 4s in doubt 'silence'",
       "again in 4s in doubt 'silence'", "unknown 'silence' ", "unknown 'silence' "},
      {"not sent", outcome::Retry{false, "no route"}, "again in 4s 'no route'",
       "again in 4s in doubt 'no route'", "expired 'no route' ", "unknown 'no route' "},
  };
}

std::string judged(const line::SendOutcome& outcome, bool was_in_doubt, Timestamp end_before) {
  return shown(judge(outcome, {1, was_in_doubt, end_before}, now, pause));
}

TEST(AttemptTest, EachOutcomeDecidesWhatFollows) {
  for (const Rule& rule : rules()) {
    SCOPED_TRACE(rule.what);
    EXPECT_EQ(judged(rule.outcome, false, now + 600s), rule.in_time);
    EXPECT_EQ(judged(rule.outcome, true, now + 600s), rule.in_doubt_in_time);
    EXPECT_EQ(judged(rule.outcome, false, now - 1s), rule.too_late);
    EXPECT_EQ(judged(rule.outcome, true, now - 1s), rule.in_doubt_too_late);
  }
}

TEST(AttemptTest, EveryOutcomeHasARule) {
  std::vector<bool> has_rule(std::variant_size_v<line::SendOutcome>);
  for (const Rule& rule : rules()) has_rule.at(rule.outcome.index()) = true;
  EXPECT_EQ(std::count(has_rule.begin(), has_rule.end(), true),
            static_cast<std::ptrdiff_t>(has_rule.size()));
}

TEST(AttemptTest, TheNextAttemptComesBeforeTheEndOrNotAtAll) {
  const outcome::Retry retry{true, "silence"};
  EXPECT_EQ(judged(retry, false, now + pause + 1ms), "again in 4s in doubt 'silence'");
  EXPECT_EQ(judged(retry, false, now + pause), "unknown 'silence' ");
}

TEST(AttemptTest, WhatIsNotTriedAnyMoreIsUnknownWhereItIsInDoubt) {
  EXPECT_EQ(end_state(true), "unknown");
  EXPECT_EQ(end_state(false), "expired");
}

}  // namespace
}  // namespace callboard::reminders
