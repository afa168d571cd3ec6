#include "identity/webhook_events.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "identity/line_account.hpp"
#include "jobs/workers.hpp"
#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

class WebhookEventsTest : public test::IdentityTest {
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
  // Works off what is due. Each postback is noted; those that begin with "bad" fail after that.
  void work_off() {
    if (!workers_) {
      jobs::Work work{.kind = webhook_job,
                      .run = [this](jobs::JobContext& context) { return events_.run(context); },
                      .retry = {std::chrono::seconds{1}, std::chrono::seconds{1}, 0}};
      workers_.emplace(database(), std::vector{work}, std::vector<jobs::Cron>{}, clock(),
                       metrics());
    }
    workers_->work_off();
  }
  const std::vector<std::string>& noted() const { return noted_; }
  std::int64_t count(const std::string& rows) {
    return database().get([&](db::Transaction& transaction) {
      return *transaction.first("SELECT COUNT(*) FROM " + rows, {},
                                [](const db::Row& row) { return row.integer(0); });
    });
  }
  bool is_blocked() {
    const auto shown = database().get(
        [](db::Transaction& transaction) { return show_line_account(transaction, "demo", "ann"); });
    return !shown.empty() && shown.at("line_account").as_object().contains("blocked_at");
  }

 private:
  void note(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
            std::string_view data) {
    noted_.push_back(std::string(app_id) + " " + std::string(user_id) + " " + std::string(data));
    save_profile(transaction, app_id, {std::string(user_id), std::string(data), ""}, now());
    if (data.starts_with("bad")) throw std::runtime_error("no");
  }

  std::vector<std::string> noted_;
  WebhookEvents events_{
      database(),
      [this](db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
             std::string_view data) { note(transaction, app_id, user_id, data); },
      clock()};
  std::optional<jobs::Workers> workers_;
};
INSTANTIATE_STORE_TESTS(WebhookEventsTest);

TEST_P(WebhookEventsTest, TellWhoBlocksAndWhoComesBack) {
  keep("a", R"("type":"unfollow")");
  work_off();
  EXPECT_TRUE(is_blocked());
  keep("b", R"("type":"follow")", "ann", 999);  // late
  work_off();
  EXPECT_TRUE(is_blocked());
  keep("c", R"("type":"follow")", "ann", 1001);
  work_off();
  EXPECT_FALSE(is_blocked());
}

TEST_P(WebhookEventsTest, AreWorkedOffOnceEachHoweverOftenTheyCome) {
  keep_postback("a", "x");
  keep_postback("a", "x");
  work_off();
  keep_postback("a", "x");
  work_off();
  EXPECT_EQ(noted(), std::vector<std::string>{"demo ann x"});
  EXPECT_EQ(count("line_webhook_events WHERE event = '' AND done_at_ms IS NOT NULL"), 1);
}

TEST_P(WebhookEventsTest, PassOverWhatNobodyKnows) {
  keep("a", R"("type":"telepathy")");
  keep("b", R"("type":"postback")");
  keep("c", R"("type":"postback","postback":{"data":"x"})", "not/an/id");
  keep("d", R"("type":"unfollow")", "");
  work_off();
  EXPECT_TRUE(noted().empty());
  EXPECT_EQ(count("job_history WHERE state = 'completed'"), 4);
}

TEST_P(WebhookEventsTest, ThatFailLeaveNothingBehindAndHoldUpNobody) {
  keep_postback("a", "bad");
  keep("b", R"("type":"unfollow")", "ben");
  for (std::int64_t attempt = 1; attempt <= webhook_attempts; ++attempt) {
    work_off();
    EXPECT_EQ(noted().size(), static_cast<std::size_t>(attempt));
    EXPECT_EQ(count("job_history WHERE state = 'completed'"), 1);
    EXPECT_EQ(count("line_accounts WHERE user_id = 'ann'"), 0);
    clock().advance(std::chrono::seconds{1});
  }
  work_off();
  EXPECT_EQ(noted().size(), static_cast<std::size_t>(webhook_attempts));
  EXPECT_EQ(count("job_history WHERE state = 'discarded'"), 1);
  EXPECT_EQ(count("line_webhook_events WHERE event <> ''"), 0);
}

TEST_P(WebhookEventsTest, ThatCantBeReadHoldUpNobody) {
  keep("a", "{");
  keep_postback("b", "good");
  work_off();
  EXPECT_EQ(noted().size(), 1U);
  EXPECT_EQ(count("line_webhook_events WHERE event <> ''"), 0) << "of no use at a later attempt";
}

TEST_P(WebhookEventsTest, AreForgottenAfterSomeDays) {
  keep_postback("a", "x");
  work_off();
  const auto prune = [&] {
    write([&](db::Transaction& transaction) {
      EXPECT_FALSE(prune_webhook_events(transaction, now()));
    });
    return count("line_webhook_events");
  };
  clock().advance(webhook_memory - std::chrono::seconds{1});
  EXPECT_EQ(prune(), 1);
  clock().advance(std::chrono::seconds{1});
  EXPECT_EQ(prune(), 0);
}

}  // namespace
}  // namespace callboard::identity
