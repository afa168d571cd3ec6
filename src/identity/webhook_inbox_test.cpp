#include "identity/webhook_inbox.hpp"

#include <gtest/gtest.h>

#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

class WebhookInboxTest : public test::IdentityTest {
 protected:
  void keep(const std::string& id, const std::string& text = "{}") {
    line::WebhookEvent event;
    event.webhook_event_id = id;
    event.json = text;
    write([&](db::Transaction& transaction) {
      keep_webhook_event(transaction, "demo", event, now());
    });
  }
  std::optional<KeptWebhookEvent> take() {
    KeptWebhookEvent event;
    bool is_there = false;
    write([&](db::Transaction& transaction) {
      is_there = take_webhook_event(transaction, event, now());
    });
    return is_there ? std::optional(event) : std::nullopt;
  }
  // The id of the one that is taken; "" is none.
  std::string taken() {
    const auto event = take();
    return event ? event->webhook_event_id : "";
  }
  void finish(const KeptWebhookEvent& event) {
    write([&](db::Transaction& transaction) { finish_webhook_event(transaction, event, now()); });
  }
  void postpone(const KeptWebhookEvent& event, Timestamp until) {
    write([&](db::Transaction& transaction) { postpone_webhook_event(transaction, event, until); });
  }
  std::int64_t kept(const std::string& condition = "1 = 1") {
    return database().get([&](db::Transaction& transaction) {
      return *transaction.first("SELECT COUNT(*) FROM line_webhook_events WHERE " + condition, {},
                                [](const db::Row& row) { return row.integer(0); });
    });
  }
};

TEST_P(WebhookInboxTest, GivesTheOldestFirst) {
  EXPECT_FALSE(take());
  keep("b", R"({"n":1})");
  clock().advance(std::chrono::milliseconds{1});
  keep("a");
  const auto first = take();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->app_id, "demo");
  EXPECT_EQ(first->webhook_event_id, "b");
  EXPECT_EQ(first->event, R"({"n":1})");
  EXPECT_EQ(first->attempts, 1);
  finish(*first);
  EXPECT_EQ(taken(), "a");
}

TEST_P(WebhookInboxTest, KeepsAnEventOnce) {
  keep("a", R"({"n":1})");
  keep("a", R"({"n":2})");
  const auto event = take();
  EXPECT_EQ(event->event, R"({"n":1})");
  finish(*event);
  keep("a", R"({"n":3})");
  EXPECT_FALSE(take());
}

TEST_P(WebhookInboxTest, IsAsItWasWhereATransactionFails) {
  keep("a");
  EXPECT_THROW(write([&](db::Transaction& transaction) {
                 KeptWebhookEvent event;
                 take_webhook_event(transaction, event, now());
                 throw std::runtime_error("no");
               }),
               std::runtime_error);
  EXPECT_EQ(take()->attempts, 1);
}

TEST_P(WebhookInboxTest, PostponesWhatFailed) {
  keep("a");
  auto event = take();
  postpone(*event, now() + std::chrono::seconds{5});
  EXPECT_FALSE(take());
  keep("b");
  const auto other = take();
  EXPECT_EQ(other->webhook_event_id, "b");
  finish(*other);
  EXPECT_FALSE(take());
  clock().advance(std::chrono::seconds{5});
  event = take();
  EXPECT_EQ(event->webhook_event_id, "a");
  EXPECT_EQ(event->attempts, 3);
}

// Another node's clock may be ahead.
TEST_P(WebhookInboxTest, GivesANewOneWhateverTheClock) {
  keep("a");
  clock().advance(-std::chrono::seconds{10});
  EXPECT_EQ(taken(), "a");
}

TEST_P(WebhookInboxTest, RemembersOnlyIdsOfWhatIsDoneAndForSomeDays) {
  keep("a", R"({"message":"secret"})");
  finish(*take());
  EXPECT_EQ(kept("event = ''"), 1);
  clock().advance(webhook_memory - std::chrono::milliseconds{1});
  keep("b");
  finish(*take());
  EXPECT_EQ(kept(), 2);
  clock().advance(std::chrono::milliseconds{1});
  keep("c");
  finish(*take());
  EXPECT_EQ(kept(), 2);
  EXPECT_EQ(kept("webhook_event_id = 'a'"), 0);
}

INSTANTIATE_STORE_TESTS(WebhookInboxTest);

}  // namespace
}  // namespace callboard::identity
