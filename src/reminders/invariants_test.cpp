// What always holds of what people are sent, whatever else happens: one test each, in the order in
// which docs and code refer to them. Most run under random faults of LINE, which a seed decides.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>
#include <tuple>

#include "reminders/delivery.hpp"
#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::AnyOf;
using testing::IsEmpty;
using testing::SizeIs;

class InvariantTest : public SendsTest {
 protected:
  static constexpr int seeds = 3;

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  void seed(std::uint64_t seed) { random_.seed(seed); }

  // About half of all calls go wrong in every way there is.
  void order_chaos(std::uint64_t seed) {
    std::string faults;
    for (const char* kind : {"accept_500", "500", "drop", "accept_drop", "truncate", "429_rate",
                             "409", "409_without_header", "timeout", "accept_timeout"}) {
      if (!faults.empty()) faults += ',';
      faults += fmt::format(R"({{"kind":"{}","rate":0.06,"delay_ms":1}})", kind);
    }
    order(fmt::format(R"({{"faults":[{}],"seed":{}}})", faults, seed));
  }
  // Something that an operator or a user does, about events "1" to "3".
  void do_something() {
    const std::string id = std::to_string(1 + below(3));
    const int number = 1 + static_cast<int>(below(20));
    const auto soon = std::chrono::minutes(10 + below(90));
    try {
      switch (below(8)) {
        case 0:
          return add_at(id, soon);
        case 1:
          return move_to(id, clock().now() + soon);
        case 2:
          return remove(id);
        case 3:
          return rename(id, "Walk " + std::to_string(below(100)));
        case 4:
          return leave(id, number);
        case 5:
          return set_blocked(number, below(2) == 0);
        default:
          return join(id, number);
      }
    } catch (const Error&) {
      // There is none, or one already.
    }
  }
  // Some hours of it.
  void live_through_chaos(std::uint64_t with_seed) {
    seed(with_seed);
    order_chaos(with_seed);
    for (int i = 0; i < 60; ++i) {
      for (std::uint64_t n = below(6); n > 0; --n) do_something();
      work();
      clock().advance(std::chrono::seconds(below(300)));
    }
    order_none();
  }
  std::int64_t number_of(const std::string& sql) {
    return database().get([&](db::Transaction& transaction) {
      return transaction.first(sql, {}, [](const db::Row& row) { return row.integer(0); })
          .value_or(0);
    });
  }
  std::optional<Delivery> begin(const std::string& retry_key) {
    std::optional<Delivery> delivery;
    write([&](db::Transaction& transaction) {
      delivery = begin_attempt(transaction, retry_key, clock().now());
    });
    return delivery;
  }

 private:
  std::mt19937_64 random_;
};
INSTANTIATE_STORE_TESTS(InvariantTest);

// 1. However often one start of an event is reminded of, moved, left and joined again, nobody gets
// the reminder of that start at one lead time twice.
TEST_P(InvariantTest, AtMostOneAcceptedMessagePerVersionLeadAndUser) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    live_through_chaos(seed);
    work_until(clock().now() + 3h, 10min);
  }
  // Whatever LINE took is a delivery of ours, and its key leads to the version and the lead.
  std::map<std::string, std::string> reminders;
  database().read([&](db::Transaction& transaction) {
    transaction.query(
        "SELECT retry_key, subject_id, subject_made_at_ms, version, lead_minutes"
        " FROM send_deliveries AS d JOIN sends AS s ON s.send_id = d.send_id",
        {}, [&](const db::Row& row) {
          reminders[row.string(0)] = fmt::format("{}/{}/{}/{}", row.text(1), row.integer(2),
                                                 row.integer(3), row.integer(4));
        });
  });
  std::set<std::pair<std::string, std::string>> got;
  for (const auto& message : ledger()) {
    const std::string key(message.at("retry_key").as_string());
    ASSERT_TRUE(reminders.contains(key));
    const std::string user(message.at("to").as_string());
    EXPECT_TRUE(got.emplace(reminders[key], user).second) << user << " " << reminders[key];
  }
  EXPECT_GT(got.size(), 20u) << "something was sent at all";
}

// 2. Whoever was written down as a recipient has an end that tells what became of them.
TEST_P(InvariantTest, EveryRecipientEndsAsAcceptedRejectedSkippedOrUnknown) {
  live_through_chaos(4);
  work_until(clock().now() + 3h, 10min);
  for (const auto& [outcome, people] : outcomes()) {
    EXPECT_THAT(outcome, AnyOf("accepted", "unknown", "expired", "cancelled", "blocked")) << people;
  }
  EXPECT_EQ(number_of("SELECT COUNT(*) FROM send_recipients AS r WHERE reason IS NULL AND NOT"
                      " EXISTS (SELECT 1 FROM send_deliveries AS d WHERE d.retry_key = r.retry_key"
                      " AND d.send_id = r.send_id)"),
            0);
  // As many as are said to have got it did; so may those of whom nobody knows.
  EXPECT_GE(static_cast<std::int64_t>(ledger().size()),
            number_of("SELECT CAST(COALESCE(SUM(recipients), 0) AS BIGINT) FROM send_deliveries"
                      " WHERE state = 'accepted'"));
}

// 3. What goes out under one key are the same bytes each time, whatever changes meanwhile.
TEST_P(InvariantTest, AllAttemptsUnderOneKeyAreTheSameBytes) {
  add_at("1", 30min);
  rename("1", "Before");
  join("1", 1, 3);
  order_once("accept_500");
  work();
  const std::string body = deliveries().at(0).body;
  rename("1", "After");
  configure([](audience::AppSettings& settings) {
    settings.reminders.message_template = R"({"text":"another"})";
    settings.time_zone = "Asia/Tokyo";
  });
  leave("1", 2);
  EXPECT_EQ(deliveries().at(0).body, body);
  clock().advance(first_retry_pause);
  work();
  // The sandbox compares them: TearDown() asks what it found.
  EXPECT_EQ(deliveries().at(0).message, "accepted before");
  expect_received(1, 3);
}

// 4. After its life a key is not used any more, and who may have got it under one key gets it under
// no other.
TEST_P(InvariantTest, NoAttemptAfterTheKeysLifeAndNoSecondKeyAfterDoubt) {
  configure([](audience::AppSettings& settings) { settings.reminders.leads = {72h}; });
  add_at("1", 72h);
  join("1", 1, 3);
  order_once("accept_500");
  work();
  // Nobody works for longer than LINE remembers the key.
  clock().advance(retry_key_use);
  work_until(clock().now() + 48h, 1h);
  expect_received(1, 3);
  EXPECT_THAT(deliveries(), SizeIs(1));
  EXPECT_EQ(deliveries().at(0).state, "unknown");
  EXPECT_EQ(deliveries().at(0).attempts, 1);
  leave("1", 1);
  join("1", 1);
  work();
  expect_received(1, 3);
}

// 5. Who holds an old state of a delivery, or has lost their job to another, changes nothing.
TEST_P(InvariantTest, UpdatesAreFencedByStateAttemptAndLease) {
  add_at("1", 30min);
  join("1", 1, 501);
  const auto lost = [](db::Transaction&) {
    throw Error(ErrorCode::conflict, "another worker has this job");
  };
  EXPECT_THROW(page_once(lost), Error);
  EXPECT_EQ(live_send().state, SendState::scheduled);
  page_once();
  EXPECT_THROW(page_once(lost), Error);
  EXPECT_THAT(deliveries(), SizeIs(1));
  SteppedJob sender(R"({"channel_id":"default/1234567890"})", lost, false);
  EXPECT_THROW(sending().run(sender), Error);
  EXPECT_EQ(deliveries().at(0).attempts, 0);
  EXPECT_THAT(received(), IsEmpty());

  const std::string key = deliveries().at(0).retry_key;
  const Delivery first = *begin(key);
  const Delivery second = *begin(key);  // by whoever took over
  const Timestamp now = clock().now();
  write([&](db::Transaction& transaction) {
    EXPECT_FALSE(end_attempt(transaction, first, delivery_state::accepted, "", "", now));
    EXPECT_FALSE(postpone(transaction, first, now, false, ""));
    EXPECT_FALSE(take_back(transaction, first, "another", now));
    EXPECT_TRUE(end_attempt(transaction, second, delivery_state::accepted, "", "", now));
    EXPECT_FALSE(end_attempt(transaction, second, delivery_state::rejected, "", "", now));
    EXPECT_FALSE(postpone(transaction, second, now, false, ""));
    EXPECT_FALSE(take_back(transaction, second, "another", now));
  });
  EXPECT_FALSE(begin(key).has_value()) << "it has ended";
  EXPECT_EQ(deliveries().at(0).state, "accepted");
}

// 6. Who has left before a page was frozen is not in it.
TEST_P(InvariantTest, NobodyIsInAPageFrozenAfterTheyUnsubscribed) {
  add_at("1", 30min);
  join("1", 1, 1'100);
  std::set<int> gone;
  const auto leave_some = [&](int first) {
    for (int number = first; number <= 1'100; number += 97) {
      if (gone.insert(number).second) leave("1", number);
    }
  };
  leave_some(3);
  page_once();
  const std::size_t left_first = gone.size();
  leave_some(550);  // some of the second page, and of the third
  page_once();
  leave_some(1'050);
  work();
  const auto counts = received();
  EXPECT_EQ(counts.size(), 1'100 - gone.size());
  EXPECT_GT(gone.size(), left_first);
  for (const int number : gone) EXPECT_FALSE(counts.contains(person(number))) << number;
}

// 7. Nobody hears of an event before its reminder is due, nor when it has begun.
TEST_P(InvariantTest, NeverEarlyNeverAfterExpiry) {
  for (std::uint64_t with_seed = 5; with_seed < 5 + seeds; ++with_seed) {
    live_through_chaos(with_seed);
    work_until(clock().now() + 3h, 10min);
  }
  std::map<std::string, std::pair<std::string, std::string>> bounds;
  database().read([&](db::Transaction& transaction) {
    transaction.query(
        "SELECT retry_key, due_at_ms, s.end_before_ms FROM send_deliveries AS d"
        " JOIN sends AS s ON s.send_id = d.send_id",
        {}, [&](const db::Row& row) {
          bounds[row.string(0)] = {rfc3339(timestamp_from_ms(row.integer(1))),
                                   rfc3339(timestamp_from_ms(row.integer(2)))};
        });
  });
  EXPECT_THAT(ledger(), testing::Not(IsEmpty()));
  for (const auto& message : ledger()) {
    const std::string at(message.at("at").as_string());
    const auto& [from, until] = bounds.at(std::string(message.at("retry_key").as_string()));
    EXPECT_GE(at, from);
    EXPECT_LT(at, until);
  }
}

// 8. An event has one reminder at most that is still to be sent at one lead time: the database
// holds to it, and nothing that people do runs into that.
TEST_P(InvariantTest, AtMostOneLiveReminderPerEventAndLead) {
  live_through_chaos(8);
  add_at("9", 48h);
  EXPECT_THROW(execute("INSERT INTO sends SELECT 'twice', app_id, kind, subject_id, owner_id,"
                       " subject_made_at_ms, version, lead_minutes, due_at_ms, begin_before_ms,"
                       " end_before_ms, state, reason, is_silent, paged_to, created_at_ms,"
                       " claimed_at_ms, ended_at_ms FROM sends WHERE subject_id = '9'"),
               Error);
  for (int i = 0; i < 4; ++i) {
    move_to("9", clock().now() + 47h - i * 1h);
    EXPECT_EQ(number_of("SELECT COUNT(*) FROM sends WHERE subject_id = '9'"
                        " AND state IN ('scheduled', 'held', 'paging', 'sending')"),
              1);
  }
}

// 9. When faults stop, all comes to an end: nothing stays on its way.
TEST_P(InvariantTest, WhenFaultsStopEverythingReachesAnEnd) {
  for (std::uint64_t with_seed = 9; with_seed < 9 + seeds; ++with_seed) {
    live_through_chaos(with_seed);
    order_always("429_monthly", "any");
    work_until(clock().now() + 15min, 1min);
    order_none();
    work_until(clock().now() + 3h, 5min);
    EXPECT_EQ(number_of("SELECT COUNT(*) FROM sends WHERE ended_at_ms IS NULL"), 0);
    EXPECT_EQ(number_of("SELECT COUNT(*) FROM send_deliveries WHERE ended_at_ms IS NULL"), 0);
    EXPECT_EQ(number_of("SELECT COUNT(*) FROM send_deliveries WHERE body <> '' OR in_doubt = 1"),
              0);
    EXPECT_EQ(count("jobs"), 0);
  }
}

// 10. Within no second are there more calls than LINE takes, or than the settings say.
TEST_P(InvariantTest, NeverMoreCallsASecondThanTheLimit) {
  configure([](audience::AppSettings& settings) { settings.reminders.multicasts_per_second = 2; });
  constexpr int calls = 7;
  for (int i = 1; i <= calls; ++i) {
    add_at(std::to_string(i), 30min);
    join(std::to_string(i), i);
  }
  std::thread time([&] {
    // Two go out, and however long they are waited for, the others don't before their second.
    const auto patience = std::chrono::steady_clock::now() + 60s;
    for (std::size_t due = 2; due < calls; due += 2) {
      while (ledger().size() < due && std::chrono::steady_clock::now() < patience) {
        std::this_thread::yield();
      }
      clock().advance(SendWindow::length - 1ms);
      clock().advance(1ms);
    }
  });
  work();
  time.join();
  expect_received(1, calls);
  std::map<std::string, int> at_once;
  for (const auto& message : ledger()) ++at_once[std::string(message.at("at").as_string())];
  for (const auto& [at, count] : at_once) EXPECT_LE(count, 2) << at;
  EXPECT_THAT(at_once, SizeIs(4));
}

}  // namespace
}  // namespace callboard::reminders
