#include "identity/webhook_worker.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>

#include "identity/line_account.hpp"
#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

class WebhookWorkerTest : public test::IdentityTest {
 protected:
  void keep(const std::string& id, const std::string& members, const std::string& user = "ann",
            std::int64_t at_ms = 1000) {
    line::WebhookEvent event;
    event.webhook_event_id = id;
    event.json = R"({"webhookEventId":")" + id + R"(","timestamp":)" + std::to_string(at_ms) +
                 R"(,"source":{"userId":")" + user + R"("},)" + members + "}";
    write([&](db::Transaction& transaction) {
      keep_webhook_event(transaction, "demo", event, now());
    });
  }
  void keep_postback(const std::string& id, const std::string& data) {
    keep(id, R"("type":"postback","postback":{"data":")" + data + R"("})");
  }
  WebhookWorker worker(WebhookWorker::Postback postback) {
    return WebhookWorker(database(), std::move(postback), clock(), metrics());
  }
  // Notes each postback; throws at those that begin with "bad".
  WebhookWorker::Postback noting() {
    return [this](db::Transaction&, std::string_view app_id, std::string_view user_id,
                  std::string_view data) {
      noted_.push_back(std::string(app_id) + " " + std::string(user_id) + " " + std::string(data));
      if (data.starts_with("bad")) throw Error(ErrorCode::internal, "no");
    };
  }
  const std::vector<std::string>& noted() const { return noted_; }
  std::uint64_t counted(const std::string& outcome) {
    return metrics()
        .counter("callboard_line_webhook_events_total",
                 "Events of LINE's webhook that were worked off, by outcome",
                 {{"outcome", outcome}})
        .total();
  }
  bool is_blocked() {
    const auto shown = database().get(
        [](db::Transaction& transaction) { return show_line_account(transaction, "demo", "ann"); });
    return !shown.empty() && shown.at("line_account").as_object().contains("blocked_at");
  }

 private:
  std::vector<std::string> noted_;
};

TEST_P(WebhookWorkerTest, TellsWhoBlocksAndWhoComesBack) {
  auto one = worker(noting());
  keep("a", R"("type":"unfollow")");
  one.work_off();
  EXPECT_TRUE(is_blocked());
  keep("b", R"("type":"follow")", "ann", 999);  // late
  one.work_off();
  EXPECT_TRUE(is_blocked());
  keep("c", R"("type":"follow")", "ann", 1001);
  one.work_off();
  EXPECT_FALSE(is_blocked());
  EXPECT_EQ(counted("done"), 3u);
}

TEST_P(WebhookWorkerTest, HandsPostbacksOnInTheEventsTransaction) {
  auto one = worker([](db::Transaction& transaction, std::string_view app_id,
                       std::string_view user_id, std::string_view data) {
    save_profile(transaction, app_id, {std::string(user_id), std::string(data), ""}, Timestamp{});
    throw std::runtime_error("no");
  });
  keep_postback("a", "x");
  one.work_off();
  database().read([](db::Transaction& transaction) {
    EXPECT_TRUE(show_line_account(transaction, "demo", "ann").empty());
  });
  auto other = worker(noting());
  keep_postback("b", "unsubscribe:1");
  other.work_off();
  EXPECT_EQ(noted(), std::vector<std::string>{"demo ann unsubscribe:1"});
}

TEST_P(WebhookWorkerTest, WorksOffEachOnce) {
  auto one = worker(noting());
  keep_postback("a", "x");
  one.work_off();
  keep_postback("a", "x");
  one.work_off();
  EXPECT_EQ(noted().size(), 1u);
}

TEST_P(WebhookWorkerTest, PassesOverWhatItDoesNotKnow) {
  auto one = worker(noting());
  keep("a", R"("type":"telepathy")");
  keep("b", R"("type":"postback")");
  keep("c", R"("type":"postback","postback":{"data":"x"})", "not/an/id");
  keep("d", R"("type":"unfollow")", "");
  one.work_off();
  EXPECT_TRUE(noted().empty());
  EXPECT_EQ(counted("done"), 4u);
  EXPECT_EQ(counted("failed"), 0u);
}

TEST_P(WebhookWorkerTest, TriesWhatFailsLaterAndHoldsUpNobody) {
  auto one = worker(noting());
  keep_postback("a", "bad");
  keep_postback("b", "good");
  one.work_off();
  EXPECT_EQ(noted(), (std::vector<std::string>{"demo ann bad", "demo ann good"}));
  one.work_off();  // not at once
  EXPECT_EQ(noted().size(), 2u);
  auto pause = WebhookWorker::retry_pause;
  for (std::int64_t attempt = 2; attempt <= WebhookWorker::max_attempts; ++attempt, pause *= 2) {
    clock().advance(pause - std::chrono::milliseconds{1});
    one.work_off();
    EXPECT_EQ(noted().size(), static_cast<std::size_t>(attempt));
    EXPECT_EQ(counted("failed"), 0u);
    clock().advance(std::chrono::milliseconds{1});
    one.work_off();
    EXPECT_EQ(noted().size(), static_cast<std::size_t>(attempt) + 1);
  }
  EXPECT_EQ(counted("failed"), 1u);
  clock().advance(std::chrono::hours{24});
  keep_postback("c", "good");
  one.work_off();
  EXPECT_EQ(noted().back(), "demo ann good");
  EXPECT_EQ(noted().size(), static_cast<std::size_t>(WebhookWorker::max_attempts) + 2);
}

TEST_P(WebhookWorkerTest, GoesOnAfterTheOneThatItGivesUp) {
  auto one = worker(noting());
  keep_postback("a", "bad");
  one.work_off();
  execute("UPDATE line_webhook_events SET attempts = $1, received_at_ms = 0",
          {WebhookWorker::max_attempts - 1});
  keep_postback("b", "good");
  one.work_off();
  EXPECT_EQ(counted("failed"), 1u);
  EXPECT_EQ(noted().back(), "demo ann good");
}

TEST_P(WebhookWorkerTest, IsNotHeldUpByWhatCantBeRead) {
  auto one = worker(noting());
  execute(
      "INSERT INTO line_webhook_events (app_id, webhook_event_id, received_at_ms, event)"
      " VALUES ('demo', 'x', 0, '{')");
  keep_postback("b", "good");
  one.work_off();
  EXPECT_EQ(noted().size(), 1u);
}

TEST_P(WebhookWorkerTest, WorksOffByItsOwnThreadWhatWasThereAndWhatComes) {
  std::promise<void> first, second;
  auto one = worker([&](db::Transaction&, std::string_view, std::string_view,
                        std::string_view data) { (data == "first" ? first : second).set_value(); });
  keep_postback("a", "first");
  one.start();
  one.start();
  first.get_future().get();
  keep_postback("b", "second");
  one.wake();
  second.get_future().get();
  one.stop();
  one.stop();
}

TEST_P(WebhookWorkerTest, SharesTheWorkWithAnotherNode) {
  for (int i = 0; i < 50; ++i) keep_postback("e" + std::to_string(i), "x" + std::to_string(i));
  const auto other_database = open_another();
  std::mutex mutex;
  std::vector<std::string> seen;
  const auto see = [&](db::Transaction&, std::string_view, std::string_view,
                       std::string_view data) {
    const std::lock_guard lock(mutex);
    seen.emplace_back(data);
  };
  WebhookWorker here(database(), see, clock(), metrics());
  WebhookWorker there(*other_database, see, clock(), metrics());
  std::thread other([&] { there.work_off(); });
  here.work_off();
  other.join();
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::unique(seen).size(), 0u);
  EXPECT_EQ(seen.size(), 50u);
}

INSTANTIATE_STORE_TESTS(WebhookWorkerTest);

}  // namespace
}  // namespace callboard::identity
