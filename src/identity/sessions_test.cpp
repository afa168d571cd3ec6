#include "identity/sessions.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

class SessionsTest : public test::IdentityTest {
 protected:
  OpenedSession open(SessionKind kind = SessionKind::person) {
    OpenedSession opened;
    write([&](db::Transaction& transaction) {
      opened = sessions().open(transaction, *trust().keys("demo"), "demo", "ann", kind);
    });
    return opened;
  }
  std::optional<OpenedSession> refresh(const std::string& token,
                                       SessionKind kind = SessionKind::person) {
    std::optional<OpenedSession> opened;
    write([&](db::Transaction& transaction) {
      opened = sessions().refresh(transaction, *trust().keys("demo"), "demo", token, kind);
    });
    return opened;
  }
  void end(const Sessions::Which& which) {
    write([&](db::Transaction& transaction) { sessions().end(transaction, "demo", which); });
  }
  test::Decision decision(const OpenedSession& session) {
    return decide(http::Access::person,
                  {.target = "/users/events",
                   .headers = {{"Authorization", "Bearer " + session.session_token}}});
  }
  bool holds(const OpenedSession& session) { return decision(session).error.empty(); }
};

TEST_P(SessionsTest, OfAPersonLastAnHourAndADeviceADay) {
  EXPECT_EQ(open().expires_in, std::chrono::hours{1});
  EXPECT_EQ(open(SessionKind::device).expires_in, std::chrono::hours{24});
  const OpenedSession session = open();
  clock().advance(access_life - std::chrono::seconds{1});
  EXPECT_TRUE(holds(session));
  clock().advance(std::chrono::seconds{1});
  EXPECT_FALSE(holds(session));
  EXPECT_TRUE(refresh(session.refresh_token));
}

TEST_P(SessionsTest, OfAPersonNameTheirApplication) {
  EXPECT_EQ(app_of_refresh_token(open().refresh_token), "demo");
  EXPECT_EQ(app_of_refresh_token("cbp_a.b.c"), "a");
  EXPECT_EQ(app_of_refresh_token("cbp_."), "");
  EXPECT_FALSE(app_of_refresh_token(open(SessionKind::device).refresh_token));
  for (const char* text : {"", "cbp_", "cbp_demo", "cbr_demo.x", "demo.x", "Cbp_demo.x"}) {
    EXPECT_FALSE(app_of_refresh_token(text)) << text;
  }
}

TEST_P(SessionsTest, DoNotChangeTheirKind) {
  const OpenedSession person = open(), device = open(SessionKind::device);
  EXPECT_FALSE(refresh(person.refresh_token, SessionKind::device));
  EXPECT_FALSE(refresh(device.refresh_token, SessionKind::person));
  std::string changed = device.refresh_token;
  changed.replace(0, 4, "cbp_demo.");
  EXPECT_FALSE(refresh(changed));
  EXPECT_TRUE(refresh(person.refresh_token));
  EXPECT_TRUE(refresh(device.refresh_token, SessionKind::device));
}

TEST_P(SessionsTest, GoOnInOneFamily) {
  const OpenedSession first = open();
  const auto second = refresh(first.refresh_token);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->user_id, "ann");
  EXPECT_EQ(second->expires_in, access_life);
  EXPECT_NE(second->refresh_token, first.refresh_token);
  EXPECT_EQ(decision(*second).caller.session, decision(first).caller.session);
  EXPECT_NE(decision(open()).caller.session, decision(first).caller.session);
}

TEST_P(SessionsTest, EndWhereATokenIsUsedAgain) {
  const OpenedSession first = open(), other = open();
  const auto second = refresh(first.refresh_token);
  EXPECT_FALSE(refresh(first.refresh_token));
  EXPECT_FALSE(holds(first));
  EXPECT_FALSE(holds(*second));
  EXPECT_FALSE(refresh(second->refresh_token));
  EXPECT_TRUE(holds(other));
}

TEST_P(SessionsTest, EndByTheirFamily) {
  const OpenedSession first = open(), other = open();
  const auto second = refresh(first.refresh_token);
  end({.family = std::string(decision(*second).caller.session)});
  EXPECT_FALSE(holds(first));
  EXPECT_FALSE(holds(*second));
  EXPECT_FALSE(refresh(second->refresh_token));
  EXPECT_TRUE(holds(other));
  EXPECT_TRUE(refresh(other.refresh_token));
}

TEST_P(SessionsTest, EndByTheirRefreshToken) {
  const OpenedSession session = open(), other = open();
  end({.refresh_token = "cbp_demo.unknown"});
  end({});
  EXPECT_TRUE(holds(session));
  end({.refresh_token = session.refresh_token});
  EXPECT_FALSE(holds(session));
  EXPECT_FALSE(refresh(session.refresh_token));
  EXPECT_TRUE(holds(other));
}

TEST_P(SessionsTest, ExpireWhereNobodyRefreshesThem) {
  const OpenedSession session = open();
  clock().advance(refresh_life - std::chrono::milliseconds{1});
  const auto second = refresh(session.refresh_token);
  ASSERT_TRUE(second);
  clock().advance(refresh_life);
  EXPECT_FALSE(refresh(second->refresh_token));
}

INSTANTIATE_STORE_TESTS(SessionsTest);

// Where two may write at once.
class SessionsAtOnceTest : public SessionsTest {};

TEST_P(SessionsAtOnceTest, LeaveNoTokenBehindWhereTheyAreEndedDuringARefresh) {
  const OpenedSession first = open();
  std::promise<void> is_refreshed;
  std::optional<OpenedSession> second;
  std::thread refreshing([&] {
    write([&](db::Transaction& transaction) {
      second = sessions().refresh(transaction, *trust().keys("demo"), "demo", first.refresh_token,
                                  SessionKind::person);
      is_refreshed.set_value();
      wait_until_awaited(transaction);
    });
  });
  is_refreshed.get_future().wait();
  end({.refresh_token = first.refresh_token});
  refreshing.join();
  ASSERT_TRUE(second);
  EXPECT_FALSE(refresh(second->refresh_token));
  EXPECT_FALSE(holds(*second));
}

INSTANTIATE_POSTGRES_TESTS(SessionsAtOnceTest);

}  // namespace
}  // namespace callboard::identity
