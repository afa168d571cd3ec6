#include "identity/login_attempt.hpp"

#include <gtest/gtest.h>

#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

class LoginAttemptTest : public test::IdentityTest {
 protected:
  void begin(std::string_view state, std::string_view browser = "browser") {
    write([&](db::Transaction& transaction) {
      begin_attempt(transaction, {"demo", "nonce", "verifier", "https://c/back", "https://f/舞台"},
                    state, browser, now());
    });
  }
  std::optional<LoginAttempt> take(std::string_view state, std::string_view browser = "browser") {
    std::optional<LoginAttempt> taken;
    write([&](db::Transaction& transaction) {
      taken = take_attempt(transaction, state, browser, now());
    });
    return taken;
  }
  std::int64_t kept() {
    return database().get([](db::Transaction& transaction) {
      return *transaction.first("SELECT COUNT(*) FROM login_attempts", {},
                                [](const db::Row& row) { return row.integer(0); });
    });
  }
};

TEST_P(LoginAttemptTest, IsTakenAsItWasBegun) {
  begin("state");
  const auto taken = take("state");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->app_id, "demo");
  EXPECT_EQ(taken->nonce, "nonce");
  EXPECT_EQ(taken->code_verifier, "verifier");
  EXPECT_EQ(taken->redirect_uri, "https://c/back");
  EXPECT_EQ(taken->target, "https://f/舞台");
}

TEST_P(LoginAttemptTest, IsTakenOnce) {
  begin("state");
  EXPECT_TRUE(take("state"));
  EXPECT_FALSE(take("state"));
  EXPECT_EQ(kept(), 0);
}

TEST_P(LoginAttemptTest, IsOfItsBrowserAlone) {
  begin("state");
  EXPECT_FALSE(take("state", "another"));
  EXPECT_FALSE(take("state", ""));
  EXPECT_FALSE(take("another"));
  EXPECT_FALSE(take(""));
  EXPECT_TRUE(take("state"));
}

TEST_P(LoginAttemptTest, OfABrowserMayBeSeveral) {
  begin("one");
  begin("two");
  EXPECT_TRUE(take("two"));
  EXPECT_TRUE(take("one"));
}

TEST_P(LoginAttemptTest, LastsTenMinutes) {
  begin("one");
  begin("two");
  clock().advance(login_attempt_life - std::chrono::milliseconds{1});
  EXPECT_TRUE(take("one"));
  clock().advance(std::chrono::milliseconds{1});
  EXPECT_FALSE(take("two"));
}

TEST_P(LoginAttemptTest, GoesAwayWhenOthersBegin) {
  for (const char* state : {"a", "b", "c"}) begin(state);
  clock().advance(login_attempt_life);
  begin("d");
  EXPECT_EQ(kept(), 1);
}

TEST_P(LoginAttemptTest, KeepsNoSecretOfTheBrowser) {
  begin("the-state", "the-browser");
  database().read([](db::Transaction& transaction) {
    transaction.query("SELECT state_hash, browser_hash FROM login_attempts", {},
                      [](const db::Row& row) {
                        EXPECT_EQ(row.text(0).size(), 64u);
                        EXPECT_EQ(row.text(1).size(), 64u);
                      });
  });
}

INSTANTIATE_STORE_TESTS(LoginAttemptTest);

}  // namespace
}  // namespace callboard::identity
