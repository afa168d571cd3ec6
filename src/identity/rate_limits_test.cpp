#include "identity/rate_limits.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::identity {
namespace {

using namespace std::chrono_literals;
using http::Access;
using http::Method;

// Knows everybody by what the test says; `pays` is a caller who has yet to be admitted by work.
class KnowingGate final : public http::Gate {
 public:
  bool admit_from_memory(const http::Route&, http::Request& request) override {
    request.caller = caller;
    return !pays;
  }
  void admit_blocking(const http::Route&, http::Request& request) override {
    ++blocked;
    request.caller = caller;
  }
  bool allows_origin(const http::Request&, std::string_view) override { return false; }

  http::Caller caller;
  bool pays = false;
  int blocked = 0;
};

class LimitedGateTest : public testing::Test {
 protected:
  // "" or what refused it.
  std::string refusal(const RateLimits& limits, Access access, Method method = Method::put,
                      bool only_reads = false) {
    if (!gate_) gate_.emplace(known_, limits, clock_, metrics_);
    http::Route route{method, "/", access, http::Surface::app, {}};
    route.only_reads = only_reads;
    route.writes = writes_by_get_;
    http::Request request;
    request.method = method;
    request.peer = peer_;
    try {
      if (!gate_->admit_from_memory(route, request)) gate_->admit_blocking(route, request);
    } catch (const Error& error) {
      return std::string(name_of(error.code())) + " " +
             std::to_string(error.retry_after().value().count());
    }
    return "";
  }
  // How many of 1,000 pass now.
  int passed(const RateLimits& limits, Access access, Method method = Method::put,
             bool only_reads = false) {
    int count = 0;
    for (int i = 0; i < 1'000; ++i) {
      count += refusal(limits, access, method, only_reads).empty() ? 1 : 0;
    }
    return count;
  }
  void call_as(std::string_view app_id, std::string_view user_id) {
    known_.caller.app_id = app_id;
    known_.caller.user_id = user_id;
  }

  SimulatedClock clock_;
  Metrics metrics_;
  KnowingGate known_;
  std::string_view peer_ = "192.0.2.1";
  bool writes_by_get_ = false;
  std::optional<LimitedGate> gate_;
};

TEST_F(LimitedGateTest, FollowsAnApplicationsOwnLimits) {
  audience::AppRateLimits own;
  own.writes_per_user = 3;
  bool is_in_memory = false;
  gate_.emplace(known_, RateLimits{}, clock_, metrics_,
                [&](std::string_view, bool may_block) -> std::optional<audience::AppRateLimits> {
                  if (!may_block && !is_in_memory) return std::nullopt;
                  return own;
                });
  call_as("demo", "ann");
  known_.pays = true;  // not in memory: the work path decides
  EXPECT_EQ(passed({}, Access::client), 3);
  own.writes_per_user.reset();
  own.writes_per_app = 7;
  is_in_memory = true;
  known_.pays = false;
  call_as("other", "bert");
  EXPECT_EQ(passed({}, Access::client), 7);
}

TEST_F(LimitedGateTest, AUserHasFiftyWritesASecondAndNoBoundOnReads) {
  call_as("demo", "alice");
  EXPECT_EQ(passed({}, Access::client), 50);
  EXPECT_EQ(refusal({}, Access::client), "too_many 1");
  clock_.advance(20ms);
  EXPECT_EQ(passed({}, Access::client), 1);
  EXPECT_EQ(passed({}, Access::client, Method::get), 1'000);
  EXPECT_EQ(passed({}, Access::client, Method::post, /*only_reads=*/true), 1'000);
  call_as("demo", "bob");
  EXPECT_EQ(passed({}, Access::client), 50);
  call_as("other", "alice");
  EXPECT_EQ(passed({}, Access::client), 50) << "the same name in another application";
}

TEST_F(LimitedGateTest, AGetThatWritesIsAWrite) {
  call_as("demo", "alice");
  writes_by_get_ = true;
  EXPECT_EQ(passed({}, Access::proven, Method::get), 50);
}

TEST_F(LimitedGateTest, AnApplicationHasFiveHundredWhichItsBackendShares) {
  for (const auto* user : {"a", "b", "c", "d"}) {
    call_as("demo", user);
    EXPECT_EQ(passed({}, Access::client), 50);
  }
  call_as("demo", "");
  EXPECT_EQ(passed({}, Access::backend), 300);
  call_as("other", "");
  EXPECT_EQ(passed({}, Access::backend), 500);
}

TEST_F(LimitedGateTest, AClientWithoutAUserIsKnownByItsAddress) {
  call_as("demo", "");
  EXPECT_EQ(passed({}, Access::signed_client, Method::post), 50);
  peer_ = "192.0.2.2";
  EXPECT_EQ(passed({}, Access::signed_client, Method::post), 50);
}

TEST_F(LimitedGateTest, AFloodIsTurnedAwayBeforeItCostsAnything) {
  known_.pays = true;
  call_as("demo", "alice");
  EXPECT_EQ(passed({}, Access::client), 50);
  EXPECT_EQ(known_.blocked, 50);
}

TEST_F(LimitedGateTest, OperatorsAreCountedApartFromTheAudience) {
  known_.caller.actor = "token:1";
  call_as("demo", "");
  EXPECT_EQ(passed({}, Access::backend), 500);
  EXPECT_EQ(passed({}, Access::editor), 500);
  EXPECT_EQ(passed({}, Access::viewer, Method::get), 1'000);
  known_.caller.actor = "token:2";
  EXPECT_EQ(passed({}, Access::editor), 500);
}

TEST_F(LimitedGateTest, AddressesAreAskedBeforeAnybodyIsKnown) {
  const RateLimits limits{.requests_per_address = 7};
  EXPECT_EQ(passed(limits, Access::anyone, Method::get), 7);
  peer_ = "192.0.2.2";
  EXPECT_EQ(passed(limits, Access::client), 7);
}

TEST_F(LimitedGateTest, ReadsCanBeLimitedToo) {
  const RateLimits limits{.reads_per_user = 5, .reads_per_app = 8};
  call_as("demo", "alice");
  EXPECT_EQ(passed(limits, Access::client, Method::get), 5);
  call_as("demo", "bob");
  EXPECT_EQ(passed(limits, Access::client, Method::get), 3);
}

TEST_F(LimitedGateTest, ZeroIsNoLimit) {
  const RateLimits limits{.writes_per_user = 0, .writes_per_app = 0, .writes_per_operator = 0};
  call_as("demo", "alice");
  EXPECT_EQ(passed(limits, Access::client), 1'000);
  EXPECT_EQ(passed(limits, Access::editor), 1'000);
}

TEST_F(LimitedGateTest, RefusalsAreCountedByLimit) {
  call_as("demo", "alice");
  passed({}, Access::client);
  EXPECT_NE(metrics_.render().find("callboard_rate_limited_total{limit=\"user_writes\"} 950\n"),
            std::string::npos);
}

}  // namespace
}  // namespace callboard::identity
