#include "identity/user_sessions.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

class UserSessionsTest : public test::IdentityTest {
 protected:
  OpenedSession open(std::string_view user_id) {
    const auto keys = trust().keys("demo");
    std::optional<OpenedSession> opened;
    write([&](db::Transaction& transaction) {
      opened = sessions().open(transaction, *keys, "demo", user_id);
    });
    return *opened;
  }
  bool erase(std::string_view user_id) {
    bool erased = false;
    write([&](db::Transaction& transaction) {
      erased = erase_sessions(transaction, trust(), "demo", user_id);
    });
    return erased;
  }
  boost::json::object shown(std::string_view user_id) {
    return database().get(
        [&](db::Transaction& transaction) { return show_sessions(transaction, "demo", user_id); });
  }
  std::string decision_about(const OpenedSession& session) {
    return decide(http::Access::client, signed_by(made().client_key, session.session_token, Sent{}))
        .error;
  }
};

TEST_P(UserSessionsTest, ShowsSessionsWithoutTheirSecrets) {
  open("ann");
  clock().advance(std::chrono::hours{1});
  open("ann");
  const auto sessions = shown("ann").at("sessions").as_array();
  ASSERT_EQ(sessions.size(), 2u);
  EXPECT_EQ(sessions[0].at("opened_at").as_string(), rfc3339(now()));
  EXPECT_EQ(sessions[0].at("expires_at").as_string(), rfc3339(now() + refresh_life));
  EXPECT_TRUE(shown("bert").empty());
}

TEST_P(UserSessionsTest, EndsEverySession) {
  const OpenedSession first = open("ann"), second = open("ann"), other = open("bert");
  EXPECT_EQ(decision_about(first), "");
  EXPECT_TRUE(erase("ann"));
  EXPECT_NE(decision_about(first), "");
  EXPECT_NE(decision_about(second), "");
  EXPECT_EQ(decision_about(other), "");
  const auto keys = trust().keys("demo");
  write([&](db::Transaction& transaction) {
    EXPECT_FALSE(sessions().refresh(transaction, *keys, "demo", first.refresh_token));
    EXPECT_TRUE(sessions().refresh(transaction, *keys, "demo", other.refresh_token));
  });
  EXPECT_TRUE(shown("ann").empty());
  EXPECT_FALSE(erase("ann"));
}

INSTANTIATE_STORE_TESTS(UserSessionsTest);

}  // namespace
}  // namespace callboard::identity
