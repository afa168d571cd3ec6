#include "audience/http_provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>
#include <mutex>
#include <thread>

#include "audience/application_store.hpp"
#include "audience/circuit_breaker.hpp"
#include "audience/user_store.hpp"
#include "base/json.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/secrets.hpp"
#include "tests/support/test_server.hpp"

namespace callboard::audience {
namespace {

using namespace std::chrono_literals;
using conditions::Value;
using testing::ElementsAre;

// The application's own server: answers what the test says, and remembers what it was asked.
class OwnServer {
 public:
  void answer(std::string body, int status = 200) {
    const std::lock_guard lock(mutex_);
    body_ = std::move(body);
    status_ = status;
  }
  void hold(bool held) {
    const std::lock_guard lock(mutex_);
    holds_ = held;
    if (!held) held_.clear();
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_.server->port()) + "/variables";
  }

 private:
  http::Routes routes() {
    return {{http::Method::post, "/variables", http::Access::anyone, http::Surface::plain,
             http::deferred([this](const http::Request& request, http::Responder responder) {
               const std::lock_guard lock(mutex_);
               const std::string secret(request.header("X-Secret").value_or(""));
               asked_.push_back(std::string(request.body) + secret);
               if (holds_) {
                 held_.push_back(std::move(responder));
                 return;
               }
               http::Response response = http::json_response(body_, status_);
               if (status_ == 302) response.header("Location", "/variables");
               responder.send(std::move(response));
             })}};
  }

  std::mutex mutex_;  // guards what follows
  std::string body_ = R"({"variables":{"tier":"gold","points":7}})";
  int status_ = 200;
  bool holds_ = false;
  std::vector<std::string> asked_;
  std::vector<http::Responder> held_;
  test::TestServer server_{routes()};
};

class HttpProviderTest : public StoreTest {
 protected:
  void SetUp() override {
    providers_.add(http_provider(database(), applications_, client_, test::visible_secrets(),
                                 clock(), metrics(), default_provider_cache_bytes));
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
      create_application(transaction, {"demo", "ws", settings(), clock().now(), clock().now()});
    });
    subject_.app_id = "demo";
    subject_.user = std::make_shared<const User>("ann");
  }
  void TearDown() override { server_.hold(false); }

  AppSettings settings() {
    ProviderSettings provider;
    provider.name = "loyalty";
    provider.url = server_.url();
    provider.variables = {{"tier", "string", ""}, {"points", "number", ""}};
    // Real time, and generous: that it is kept to is the client's test.
    provider.timeout = 2000ms;
    provider.ttl = 60s;
    AppSettings settings;
    settings.providers = {provider};
    return settings;
  }
  void change(const AppSettings& settings) {
    write([&](db::Transaction& transaction) {
      update_settings(transaction, "demo", settings, clock().now());
    });
  }

  std::vector<Value> load(std::vector<std::string> names, std::string user = "ann") {
    Scratch scratch;
    Subject subject = subject_;
    subject.user = std::make_shared<const User>(std::move(user));
    providers_.fill_blocking(providers_.bind("demo", names), subject, scratch);
    return values_of(scratch);
  }
  // Nothing: it would have to load.
  std::optional<std::vector<Value>> remembered(std::vector<std::string> names) {
    Scratch scratch;
    if (!providers_.fill(providers_.bind("demo", names), subject_, scratch)) return std::nullopt;
    return values_of(scratch);
  }
  static std::vector<Value> values_of(const Scratch& scratch) {
    std::vector<Value> values;
    for (const Value* value : scratch.values()) values.push_back(value ? *value : Value());
    return values;
  }
  std::size_t count(const std::string& outcome) {
    return metrics()
        .counter("callboard_http_provider_calls_total", "", {{"app", "demo"}, {"outcome", outcome}})
        .total();
  }
  std::size_t calls() { return server_.asked().size(); }

  OwnServer server_;
  const http::OutgoingClient client_{{"127.0.0.0/8"}};
  Applications applications_{database(), clock(), metrics()};
  DataProviders providers_{applications_};
  Subject subject_;
};

TEST_P(HttpProviderTest, AsksForAUsersVariables) {
  EXPECT_THAT(load({"tier", "points", "city"}), ElementsAre(Value("gold"), Value(7), Value()));
  EXPECT_THAT(server_.asked(), ElementsAre(R"({"user_id":"ann","names":["tier","points"]})"));
  EXPECT_EQ(count("answered"), 1u);
}

TEST_P(HttpProviderTest, IsAskedOnlyWhereOneOfItsVariablesIsUsed) {
  EXPECT_THAT(load({"city", "user_id"}), ElementsAre(Value(), Value("ann")));
  EXPECT_EQ(remembered({"city"}), std::vector<Value>{Value()});
  EXPECT_EQ(calls(), 0u);
}

TEST_P(HttpProviderTest, AnswersFromMemoryWhatItWasToldForItsTimeToLive) {
  EXPECT_EQ(remembered({"tier"}), std::nullopt);
  load({"tier"});
  EXPECT_EQ(remembered({"tier"}), std::vector<Value>{Value("gold")});
  EXPECT_EQ(remembered({"points"}), std::vector<Value>{Value(7)});
  clock().advance(50s);  // a lifetime is shortened by up to a tenth
  EXPECT_EQ(remembered({"tier"}), std::vector<Value>{Value("gold")});
  clock().advance(17s);
  EXPECT_EQ(remembered({"tier"}), std::nullopt);
  server_.answer(R"({"variables":{"tier":"silver"}})");
  EXPECT_THAT(load({"tier"}), ElementsAre(Value("silver")));
  EXPECT_EQ(calls(), 2u);
}

TEST_P(HttpProviderTest, MakesOneCallHoweverManyAsk) {
  server_.hold(true);
  std::vector<std::future<std::vector<Value>>> asking;
  for (int i = 0; i < 8; ++i) {
    asking.push_back(std::async(std::launch::async, [&] { return load({"tier"}); }));
  }
  while (calls() == 0) std::this_thread::yield();
  server_.hold(false);  // unanswered: 500
  for (auto& each : asking) EXPECT_THAT(each.get(), ElementsAre(Value()));
  EXPECT_EQ(calls(), 1u);
  EXPECT_EQ(count("bad_status"), 1u);
}

TEST_P(HttpProviderTest, RemembersForAWhileThatItFailed) {
  server_.answer("busy", 503);
  EXPECT_THAT(load({"tier"}), ElementsAre(Value()));
  EXPECT_EQ(remembered({"tier"}), std::vector<Value>{Value()});
  EXPECT_THAT(load({"tier"}), ElementsAre(Value()));
  EXPECT_EQ(calls(), 1u);
  server_.answer(R"({"variables":{"tier":"gold"}})");
  clock().advance(failure_life + 1s);
  EXPECT_THAT(load({"tier"}), ElementsAre(Value("gold")));
}

TEST_P(HttpProviderTest, TakesAnUnknownUserForOneWithoutVariables) {
  server_.answer("nobody", 404);
  for (int i = 0; i < 2 * CircuitBreaker::max_failures; ++i) {
    EXPECT_THAT(load({"tier"}, "user" + std::to_string(i)), ElementsAre(Value()));
  }
  EXPECT_EQ(count("unknown_user"), 2u * CircuitBreaker::max_failures);
  EXPECT_EQ(count("circuit_open"), 0u);
}

TEST_P(HttpProviderTest, BreaksTheCircuitAndTriesAgain) {
  server_.answer("busy", 503);
  for (int i = 0; i < CircuitBreaker::max_failures; ++i) load({"tier"}, "u" + std::to_string(i));
  EXPECT_EQ(calls(), static_cast<std::size_t>(CircuitBreaker::max_failures));
  server_.answer(R"({"variables":{"tier":"gold"}})");
  EXPECT_THAT(load({"tier"}), ElementsAre(Value()));
  EXPECT_EQ(remembered({"tier"}), std::vector<Value>{Value()});
  EXPECT_EQ(calls(), static_cast<std::size_t>(CircuitBreaker::max_failures));
  EXPECT_EQ(count("circuit_open"), 1u);
  clock().advance(CircuitBreaker::pause + 1100ms);  // a lifetime is longer by up to a tenth
  EXPECT_THAT(load({"tier"}), ElementsAre(Value("gold")));
}

TEST_P(HttpProviderTest, LeavesMissingWhatIsNotAProperReply) {
  const std::pair<std::string, int> replies[] = {
      {"", 200},
      {"gold", 200},
      {"[]", 200},
      {R"({"tier":"gold"})", 200},
      {R"({"variables":["gold"]})", 200},
      {R"({"variables":{"tier":{"deep":1}}})", 200},
      {R"({"variables":{"tier":"a","tier":"b"}})", 200},
      {R"({"variables":{"tier":"gold"}})", 201},
      {R"({"variables":{"tier":"gold"}})", 302},
      {R"({"variables":{"tier":")" + std::string(70'000, 'x') + "\"}}", 200},
  };
  for (const auto& [body, status] : replies) {
    server_.answer(body, status);
    change(settings());  // begins afresh
    EXPECT_THAT(load({"tier"}), ElementsAre(Value())) << body.substr(0, 50) << status;
  }
  EXPECT_EQ(calls(), std::size(replies));
  EXPECT_EQ(count("too_large"), 1u);
  EXPECT_EQ(count("answered"), 0u);
}

TEST_P(HttpProviderTest, TakesOnlyWhatItDeclares) {
  server_.answer(R"({"variables":{"tier":"gold","user_id":"root","city":"Tainan"}})");
  EXPECT_THAT(load({"tier", "user_id", "city"}), ElementsAre(Value("gold"), Value("ann"), Value()));
}

TEST_P(HttpProviderTest, SendsItsSecretHeader) {
  AppSettings changed = settings();
  changed.providers[0].header_name = "X-Secret";
  changed.providers[0].sealed_header_value =
      test::visible_secrets().seal(provider_secret_context("demo", "loyalty"), "hush");
  change(changed);
  load({"tier"});
  EXPECT_THAT(server_.asked(), ElementsAre(testing::EndsWith("hush")));
}

TEST_P(HttpProviderTest, FollowsTheSettings) {
  load({"tier"});
  AppSettings changed = settings();
  changed.providers[0].variables = {{"rank", "string", ""}};
  change(changed);
  server_.answer(R"({"variables":{"rank":"first"}})");
  EXPECT_EQ(remembered({"rank"}), std::nullopt);
  EXPECT_THAT(load({"rank", "tier"}), ElementsAre(Value("first"), Value()));
  change(AppSettings{});
  EXPECT_EQ(remembered({"rank"}), std::vector<Value>{Value()});
}

TEST_P(HttpProviderTest, ForgetsWhoIsErased) {
  load({"tier"});
  write([&](db::Transaction& transaction) {
    transaction.announce("demo", std::string(erasure_change), "ann");
  });
  EXPECT_EQ(remembered({"tier"}), std::nullopt);
}

TEST_P(HttpProviderTest, ReachesNoNeighbour) {
  Applications applications(database(), clock(), metrics());
  const http::OutgoingClient strict;
  DataProviders providers(applications);
  providers.add(http_provider(database(), applications, strict, test::visible_secrets(), clock(),
                              metrics(), default_provider_cache_bytes));
  Scratch scratch;
  const std::vector<std::string> names = {"tier"};
  providers.fill_blocking(providers.bind("demo", names), subject_, scratch);
  EXPECT_THAT(values_of(scratch), ElementsAre(Value()));
  EXPECT_EQ(calls(), 0u);
  EXPECT_EQ(count("refused"), 1u);
}

TEST_P(HttpProviderTest, AsksForNobodyWhoIsMadeUp) {
  EXPECT_THAT(load({"tier"}, ""), ElementsAre(Value()));
  EXPECT_EQ(calls(), 0u);
}

INSTANTIATE_STORE_TESTS(HttpProviderTest);

}  // namespace
}  // namespace callboard::audience
