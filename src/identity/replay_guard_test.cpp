#include "identity/replay_guard.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::identity {
namespace {

class ReplayGuardTest : public StoreTest {
 protected:
  RequestSignature signature(std::string_view nonce, std::chrono::seconds offset = {}) {
    times_.push_back(std::to_string(unix_seconds(clock().now() + offset)));
    return {unix_seconds(clock().now() + offset), times_.back(), nonce, {}};
  }
  std::string spend(ReplayGuard& guard, const RequestSignature& signature,
                    std::string_view user = "alice", std::string_view app = "demo") {
    try {
      guard.spend(app, user, signature);
    } catch (const Error& error) {
      return std::string(name_of(error.code())) + ": " + error.message();
    }
    return "";
  }
  std::int64_t recorded() {
    write([](db::Transaction&) {});  // everything queued before has run
    return *database().get([](db::Transaction& transaction) {
      return transaction.first("SELECT count(*) FROM used_nonces", {},
                               [](const db::Row& row) { return row.integer(0); });
    });
  }

 private:
  std::deque<std::string> times_;
};

class SharedReplayGuardTest : public ReplayGuardTest {};

constexpr auto replayed = "bad_signature: nonce replayed";

TEST_P(ReplayGuardTest, AcceptsANonceOnce) {
  ReplayGuard guard(database(), clock());
  const RequestSignature once = signature("nonce-01");
  EXPECT_EQ(spend(guard, once), "");
  EXPECT_EQ(spend(guard, once), replayed);
  EXPECT_EQ(spend(guard, signature("nonce-02")), "");
  EXPECT_EQ(spend(guard, signature("nonce-01", std::chrono::seconds{1})), "");
  EXPECT_EQ(spend(guard, once, "bob"), "");
  EXPECT_EQ(spend(guard, once, "alice", "other"), "");
  EXPECT_EQ(recorded(), 5);
}

TEST_P(ReplayGuardTest, RemembersAcrossARestart) {
  const RequestSignature once = signature("nonce-01");
  {
    ReplayGuard guard(database(), clock());
    EXPECT_EQ(spend(guard, once), "");
  }
  recorded();
  ReplayGuard restarted(database(), clock());
  EXPECT_EQ(spend(restarted, once), replayed);
  EXPECT_EQ(spend(restarted, signature("nonce-02")), "");
}

// What makes queueing enough: a write queued after the nonce's record is committed no sooner.
TEST_P(ReplayGuardTest, TheRecordIsCommittedBeforeTheRequestsOwnWrite) {
  ReplayGuard guard(database(), clock());
  EXPECT_EQ(spend(guard, signature("nonce-01")), "");
  write([](db::Transaction& transaction) {
    EXPECT_TRUE(transaction.first("SELECT 1 FROM used_nonces WHERE nonce = 'nonce-01'", {},
                                  [](const db::Row&) { return 1; }));
  });
}

TEST_P(ReplayGuardTest, RefusesRatherThanForgets) {
  ReplayGuard guard(database(), clock(), 2);
  const RequestSignature once = signature("nonce-01");
  EXPECT_EQ(spend(guard, once), "");
  EXPECT_EQ(spend(guard, signature("nonce-02")), "");
  EXPECT_EQ(spend(guard, signature("nonce-03")), "unavailable: too many signed writes");
  EXPECT_EQ(spend(guard, once), replayed);
  clock().advance(signature_window + std::chrono::minutes{2});
  EXPECT_EQ(spend(guard, signature("nonce-04")), "");
}

TEST_P(ReplayGuardTest, KeepsASignatureFromTheFutureLongEnough) {
  ReplayGuard guard(database(), clock());
  const RequestSignature early = signature("nonce-01", signature_window);
  EXPECT_EQ(spend(guard, early), "");
  clock().advance(2 * signature_window - std::chrono::seconds{1});
  ASSERT_TRUE(is_within_window(early, clock().now()));
  EXPECT_EQ(spend(guard, signature("nonce-02")), "");
  EXPECT_EQ(spend(guard, early), replayed);
}

TEST_P(ReplayGuardTest, PrunesOldRecords) {
  ReplayGuard guard(database(), clock());
  for (int i = 0; i < 8; ++i) spend(guard, signature("nonce-a" + std::to_string(i)));
  EXPECT_EQ(recorded(), 8);
  clock().advance(std::chrono::minutes{20});
  for (int i = 0; i < 4; ++i) spend(guard, signature("nonce-b" + std::to_string(i)));
  EXPECT_EQ(recorded(), 4);
}

TEST_P(ReplayGuardTest, OnlyOneOfManyThreadsWins) {
  ReplayGuard guard(database(), clock());
  const RequestSignature once = signature("nonce-01");
  std::atomic<int> accepted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] { accepted += spend(guard, once).empty() ? 1 : 0; });
    }
  }
  EXPECT_EQ(accepted, 1);
}

TEST_P(ReplayGuardTest, RefusesWhereTheRecordCannotBeQueued) {
  ReplayGuard guard(database(), clock());
  database().stop();
  EXPECT_TRUE(spend(guard, signature("nonce-01")).starts_with("unavailable: "));
}

// Each node remembers only what it has accepted itself.
TEST_P(SharedReplayGuardTest, OnlyOneOfManyNodesWins) {
  constexpr int nodes = 4;
  std::vector<std::unique_ptr<db::Database>> databases;
  std::vector<std::unique_ptr<ReplayGuard>> guards;
  for (int i = 0; i < nodes; ++i) {
    databases.push_back(open_another());
    guards.push_back(std::make_unique<ReplayGuard>(*databases.back(), clock()));
  }
  for (int round = 0; round < 20; ++round) {
    const std::string nonce = "nonce-" + std::to_string(round);
    const RequestSignature once = signature(nonce);
    std::atomic<int> accepted{0};
    {
      std::vector<std::jthread> threads;
      for (const auto& guard : guards) {
        threads.emplace_back([&] { accepted += spend(*guard, once).empty() ? 1 : 0; });
      }
    }
    EXPECT_EQ(accepted, 1) << nonce;
  }
}

INSTANTIATE_STORE_TESTS(ReplayGuardTest);
INSTANTIATE_POSTGRES_TESTS(SharedReplayGuardTest);

}  // namespace
}  // namespace callboard::identity
