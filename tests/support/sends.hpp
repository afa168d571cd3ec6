#pragma once

// What tests of sends share: an application whose channel is a sandbox's, people subscribed to its
// events, and the jobs that send, done on the test's thread. What people got is what the sandbox
// says they got.

#include <boost/json.hpp>
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

class SendsTest : public events::EventsTest {
 protected:
  SendsTest() {
    sandbox_.start();
    configure([](audience::AppSettings&) {});
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

  // Does the jobs that are due.
  void work() { workers().work_off(); }
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

 private:
  static std::string detail(std::string_view name) {
    return boost::json::serialize(boost::json::object{{"name", name}});
  }
  static audience::AppSettings settings(db::Transaction& transaction) {
    return audience::find_application(transaction, test_app)->settings;
  }
  static line::sandbox::Options options() {
    line::sandbox::Options chosen;
    chosen.server.port = 0;
    chosen.server.threads = 1;
    return chosen;
  }
  http::OutgoingReply call(std::string path, std::string_view body = {}) {
    auto reply = outgoing_.send({.method = body.empty() ? http::Method::get : http::Method::post,
                                 .url = sandbox_.base_url() + std::move(path),
                                 .body = std::string(body),
                                 .timeout = 20s,
                                 .max_reply = std::size_t{64} << 20});
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply;
  }

  line::sandbox::Sandbox sandbox_{options(), clock()};
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
