#pragma once

// What tests of sends share: an application whose channel is a sandbox's, people subscribed to its
// events, and the jobs that send, done on the test's thread. What people got is what the sandbox
// says they got.

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "identity/identity.hpp"
#include "jobs/workers.hpp"
#include "line/sandbox/sandbox.hpp"
#include "reminders/reminders.hpp"
#include "tests/support/events.hpp"
#include "tests/support/secrets.hpp"

namespace callboard::reminders {

using namespace std::chrono_literals;

// LINE's user ids: the number in hexadecimal.
inline std::string person(int number) {
  std::string digits = std::string(32, '0') + to_hex(std::string{static_cast<char>(number / 256),
                                                                 static_cast<char>(number % 256)});
  return "U" + digits.substr(digits.size() - 32);
}

// A sandbox on a free port, to be changed before it starts.
inline line::sandbox::Options sandbox_options() {
  line::sandbox::Options options;
  options.server.port = 0;
  options.server.threads = 1;
  return options;
}

// What is frozen, as the database has it.
struct FrozenDelivery {
  std::string retry_key, channel_id, endpoint, body, state, message;
  std::int64_t recipients = 0, attempts = 0;
  bool in_doubt = false;
  Timestamp next_attempt_at, end_before;
  std::optional<Timestamp> ended_at;
};

// A job that a test does itself, one step at a time: it is to stop whenever it looks. hold() does
// what the test wants done at the start of each of its transactions, beside fencing it.
class SteppedJob final : public jobs::JobContext {
 public:
  using Hold = std::function<void(db::Transaction&)>;

  explicit SteppedJob(std::string payload, Hold hold = nullptr, bool should_stop = true)
      : hold_(std::move(hold)), should_stop_(should_stop) {
    job_.payload = std::move(payload);
  }
  const jobs::Job& job() const override { return job_; }
  bool should_stop() const override { return should_stop_; }
  void hold(db::Transaction& transaction) const override {
    if (hold_) hold_(transaction);
  }
  void finish(db::Transaction& transaction) const override { hold(transaction); }
  void progress(std::int64_t, std::int64_t) override {}

 private:
  jobs::Job job_;
  const Hold hold_;
  const bool should_stop_;
};

class SendsTest : public events::EventsTest {
 protected:
  explicit SendsTest(line::sandbox::Options options = sandbox_options())
      : sandbox_(std::move(options), clock()) {
    sandbox_.start();
    configure([](audience::AppSettings&) {});
  }

  // Whatever went wrong, LINE has nothing to complain of: see the sandbox's violations.
  void TearDown() override {
    EXPECT_EQ(call("/sandbox/violations").body, R"({"violations":[]})");
    events::EventsTest::TearDown();
  }

  const events::EventWatcher& watcher() const override { return watcher_; }

  template <class Change>
  void configure(Change change) {
    write([&](db::Transaction& transaction) {
      audience::AppSettings settings = audience::find_application(transaction, test_app)->settings;
      const line::Channel channel = sandbox_.channel();
      settings.line.channel_id = channel.channel_id;
      settings.line.api_base_url = channel.api_base_url;
      settings.line.sealed_channel_access_token =
          secrets_.seal(audience::line_secret_context(test_app, "channel_access_token"),
                        channel.channel_access_token);
      settings.line.sealed_messaging_channel_secret.clear();
      settings.time_zone = "UTC";
      settings.max_subscriptions = 100;
      change(settings);
      audience::update_settings(transaction, test_app, settings, clock().now());
    });
  }

  // An event at that time, under way in the test's words: "name" is its name.
  void add_at(std::string id, std::chrono::minutes from_now, std::string_view name = "Ride") {
    change([&](events::EventChanges& changes) {
      const Timestamp start = clock().now() + from_now;
      changes.create({std::move(id), {start, start + 1h, detail(name)}});
    });
  }
  void move_to(std::string_view id, Timestamp start) {
    change([&](events::EventChanges& changes) {
      events::Revision revision;
      revision.start = start;
      revision.end = start + 1h;
      changes.update(id, revision);
    });
  }
  void rename(std::string_view id, std::string_view name) {
    change([&](events::EventChanges& changes) {
      events::Revision revision;
      revision.detail = detail(name);
      changes.update(id, revision);
    });
  }
  void remove(std::string_view id) {
    change([&](events::EventChanges& changes) { changes.erase(id); });
  }
  void join(std::string_view event, int first, int last, bool remind = true) {
    write([&](db::Transaction& transaction) {
      for (int i = first; i <= last; ++i) {
        events::subscribe(transaction, watcher_, {std::string(test_app), person(i)},
                          {.id = std::string(event), .content = std::nullopt, .remind = remind},
                          settings(transaction), clock().now());
      }
    });
  }
  void join(std::string_view event, int number) { join(event, number, number); }
  void leave(std::string_view event, int number) {
    write([&](db::Transaction& transaction) {
      events::unsubscribe(transaction, watcher_, {std::string(test_app), person(number)}, event);
    });
  }
  void set_blocked(int number, bool is_blocked) {
    write([&](db::Transaction& transaction) {
      identity::set_blocked(transaction, test_app, person(number), is_blocked, clock().now(),
                            clock().now());
    });
  }

  // Faults of the sandbox, in the words of its control call.
  void order(std::string_view faults) { call("/sandbox/faults", faults); }
  // A script of that fault alone; `endpoint`: "multicast", "push", ...
  void order_once(std::string_view kind, std::string_view endpoint = "multicast") {
    order(fmt::format(R"({{"faults":[{{"kind":"{}","endpoint":"{}","delay_ms":1}}]}})", kind,
                      endpoint));
  }
  // Every call, from now on.
  void order_always(std::string_view kind, std::string_view endpoint = "multicast") {
    order(fmt::format(R"({{"faults":[{{"kind":"{}","endpoint":"{}","rate":1,"delay_ms":1}}]}})",
                      kind, endpoint));
  }
  void order_none() { order(R"({"faults":[]})"); }
  // The month's, from now on.
  void limit_month_to(std::int64_t limit) {
    call("/sandbox/quota", fmt::format(R"({{"limit":{}}})", limit), http::Method::put);
  }
  std::string seal_token(std::string_view token) {
    return secrets_.seal(audience::line_secret_context(test_app, "channel_access_token"), token);
  }

  // Does the jobs that are due.
  void work() { workers().work_off(); }
  // The same now and after each such step, until that time.
  void work_until(Timestamp time, std::chrono::milliseconds step) {
    work();
    while (clock().now() < time) {
      clock().advance(std::min(step, time - clock().now()));
      work();
    }
  }
  // Freezes one page of the only send that is live, or does what else is next of it, without
  // sending anything.
  jobs::Outcome page_once(SteppedJob::Hold hold = nullptr) {
    SteppedJob job(fmt::format(R"({{"send_id":"{}"}})", live_send().id), std::move(hold));
    return fan_out_.run(job);
  }
  Send live_send() {
    std::vector<Send> live;
    for (Send& send : sends()) {
      if (is_live(send.state)) live.push_back(std::move(send));
    }
    EXPECT_EQ(live.size(), 1u);
    return live.at(0);
  }
  jobs::Workers& workers() {
    if (!workers_) {
      workers_.emplace(
          database(),
          std::vector<jobs::Work>{
              {.kind = fan_out_job,
               .run = [this](jobs::JobContext& context) { return fan_out_.run(context); }},
              {.kind = send_job,
               .run = [this](jobs::JobContext& context) { return sending_.run(context); }}},
          std::vector<jobs::Cron>{}, clock(), metrics());
    }
    return *workers_;
  }

  // How many messages each got, as LINE would know; those who got none are not there.
  std::map<std::string, int> received() {
    std::map<std::string, int> counts;
    for (const auto& message : ledger()) {
      ++counts[std::string(message.at("to").as_string())];
    }
    return counts;
  }
  // Whether each of those got just so many, and nobody else any.
  void expect_received(int first, int last, int times = 1) {
    const auto counts = received();
    EXPECT_EQ(counts.size(), static_cast<std::size_t>(last - first + 1));
    for (int i = first; i <= last; ++i) {
      const auto found = counts.find(person(i));
      EXPECT_EQ(found == counts.end() ? 0 : found->second, times) << i;
    }
  }
  boost::json::array ledger() {
    return parse_json(call("/sandbox/ledger").body).at("messages").as_array();
  }

  // How many got what, by the words of the message.
  std::map<std::string, int> received_words(const std::vector<std::string>& words) {
    std::map<std::string, int> counts;
    for (const auto& message : ledger()) {
      const std::string text = boost::json::serialize(message.at("messages"));
      for (const std::string& word : words) counts[word] += text.find(word) == text.npos ? 0 : 1;
    }
    return counts;
  }

  std::vector<Send> sends() {
    std::vector<Send> all;
    database().read([&](db::Transaction& transaction) {
      transaction.query(
          "SELECT " + std::string(send_columns) + " FROM sends ORDER BY due_at_ms, lead_minutes",
          {}, [&](const db::Row& row) { all.push_back(read_send(row)); });
    });
    return all;
  }
  // "30 done", "1440 skipped missed", ...: lead, state and reason, by time.
  std::vector<std::string> shown_sends() {
    std::vector<std::string> shown;
    for (const Send& send : sends()) {
      shown.push_back(std::to_string(send.lead.count()) + " " + std::string(name_of(send.state)) +
                      (send.reason.empty() ? "" : " " + send.reason));
    }
    return shown;
  }
  // How recipients' deliveries ended, or why they were left out: "accepted" to 3, ...
  std::map<std::string, int> outcomes() {
    std::map<std::string, int> counts;
    database().read([&](db::Transaction& transaction) {
      transaction.query(
          "SELECT COALESCE(reason, state), COUNT(*) FROM send_recipients AS r"
          " LEFT JOIN send_deliveries AS d ON d.retry_key = r.retry_key"
          " GROUP BY COALESCE(reason, state)",
          {},
          [&](const db::Row& row) { counts[row.string(0)] = static_cast<int>(row.integer(1)); });
    });
    return counts;
  }

  // In the order in which they were frozen.
  std::vector<FrozenDelivery> deliveries() {
    std::vector<FrozenDelivery> all;
    database().read([&](db::Transaction& transaction) {
      transaction.query(
          "SELECT retry_key, channel_id, endpoint, body, state, message, recipients, attempts,"
          " in_doubt, next_attempt_at_ms, end_before_ms, ended_at_ms FROM send_deliveries"
          " ORDER BY created_at_ms, recipients DESC",
          {}, [&](const db::Row& row) {
            FrozenDelivery& each = all.emplace_back();
            each.retry_key = row.string(0);
            each.channel_id = row.string(1);
            each.endpoint = row.string(2);
            each.body = row.string(3);
            each.state = row.string(4);
            each.message = row.string(5);
            each.recipients = row.integer(6);
            each.attempts = row.integer(7);
            each.in_doubt = row.integer(8) != 0;
            each.next_attempt_at = timestamp_from_ms(row.integer(9));
            each.end_before = timestamp_from_ms(row.integer(10));
            if (!row.is_null(11)) each.ended_at = timestamp_from_ms(row.integer(11));
          });
    });
    return all;
  }
  // "accepted", or why that person got nothing; empty: they are no recipient.
  std::string outcome_of(int number) {
    return database().get([&](db::Transaction& transaction) {
      return transaction
          .first(
              "SELECT COALESCE(reason, state) FROM send_recipients AS r LEFT JOIN send_deliveries"
              " AS d ON d.retry_key = r.retry_key WHERE user_id = $1",
              {person(number)}, [](const db::Row& row) { return row.string(0); })
          .value_or("");
    });
  }

  const SendingParts& parts() const { return parts_; }
  FanOut& fan_out() { return fan_out_; }
  Sending& sending() { return sending_; }

 private:
  static std::string detail(std::string_view name) {
    return boost::json::serialize(boost::json::object{{"name", name}});
  }
  static audience::AppSettings settings(db::Transaction& transaction) {
    return audience::find_application(transaction, test_app)->settings;
  }
  http::OutgoingReply call(std::string path, std::string_view body = {},
                           std::optional<http::Method> method = {}) {
    const auto usual = body.empty() ? http::Method::get : http::Method::post;
    auto reply = outgoing_.send({.method = method.value_or(usual),
                                 .url = sandbox_.base_url() + std::move(path),
                                 .body = std::string(body),
                                 .timeout = 20s,
                                 .max_reply = std::size_t{64} << 20});
    EXPECT_EQ(reply.status / 100, 2) << reply.body;
    return reply;
  }

  line::sandbox::Sandbox sandbox_;
  http::OutgoingClient outgoing_{{"127.0.0.0/8"}};
  line::Client client_{outgoing_, clock()};
  audience::SecretBox secrets_ = test::visible_secrets();
  audience::Applications applications_{database(), clock(), metrics()};
  Watcher watcher_{clock()};
  const SendingParts parts_{database(), applications_, client_, secrets_, clock(), metrics()};
  audience::DataProviders providers_{applications_};
  FanOut fan_out_{parts_, providers_};
  Sending sending_{parts_};
  std::optional<jobs::Workers> workers_;
};

}  // namespace callboard::reminders
