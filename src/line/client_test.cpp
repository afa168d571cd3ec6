// The client against the sandbox, over a real port.

#include "line/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "line/sandbox/sandbox.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view ada = "U0000000000000000000000000000000a";
constexpr std::string_view ben = "U0000000000000000000000000000000b";
constexpr std::string_view key_1 = "123e4567-e89b-12d3-a456-426614174001";
constexpr std::string_view key_2 = "123e4567-e89b-12d3-a456-426614174002";
constexpr std::string_view hello = R"([{"type":"text","text":"hello"}])";
constexpr std::string_view verifier = "a verifier of forty-three or more characters";

class ClientTest : public testing::Test {
 protected:
  virtual sandbox::Options options() const {
    sandbox::Options chosen;
    chosen.server.port = 0;
    chosen.server.threads = 1;
    chosen.monthly_limit = 10;
    return chosen;
  }
  void SetUp() override {
    sandbox_.emplace(options(), clock_);
    sandbox_->start();
    channel_ = sandbox_->channel();
  }

  http::OutgoingReply call(http::Method method, std::string path, std::string body = {}) const {
    return outgoing_.send({.method = method,
                           .url = sandbox_->base_url() + std::move(path),
                           .body = std::move(body),
                           .timeout = 20s});
  }
  void order_faults(std::string_view faults) const {
    const auto reply =
        call(http::Method::post, "/sandbox/faults", R"({"faults":)" + std::string(faults) + "}");
    ASSERT_EQ(reply.status, 200) << reply.body;
  }
  std::size_t received() const {
    const json::value ledger = parse_json(call(http::Method::get, "/sandbox/ledger").body);
    return ledger.at("messages").as_array().size();
  }
  std::string_view push(std::string_view key, std::string_view messages = hello,
                        std::string_view to = ada) const {
    last_ = client_.push(channel_, push_body(to, messages), key);
    return name_of(last_);
  }
  // What the browser comes back with.
  std::string consent(std::string_view parameters = "", std::string_view nonce = "a nonce") const {
    const std::string url = authorize_url(channel_, {.redirect_uri = "https://a.example/cb",
                                                     .state = "s",
                                                     .nonce = std::string(nonce),
                                                     .code_verifier = std::string(verifier),
                                                     .bot_prompt = "normal"});
    const auto reply =
        outgoing_.send({.url = url + "&sandbox_user=" + std::string(ben) + std::string(parameters),
                        .timeout = 20s});
    EXPECT_EQ(reply.status, 302) << reply.body;
    return std::string(reply.header("Location").value_or(""));
  }
  static std::string code_in(const std::string& location) {
    const std::size_t start = location.find("code=") + 5;
    return location.substr(start, location.find('&', start) - start);
  }
  Called<Tokens> exchange(const std::string& code) const {
    return client_.exchange_code(channel_, code, "https://a.example/cb", verifier);
  }

  // The server's time is real, and the tokens' as well.
  SystemClock clock_;
  std::optional<sandbox::Sandbox> sandbox_;
  Channel channel_;
  const http::OutgoingClient outgoing_{{"127.0.0.1"}};
  const Client client_{outgoing_, clock_};
  mutable SendOutcome last_;
};

TEST_F(ClientTest, SignsAPersonIn) {
  const std::string location = consent();
  EXPECT_THAT(location, testing::StartsWith("https://a.example/cb?code="));
  EXPECT_THAT(location, HasSubstr("&state=s&friendship_status_changed=false"));
  const auto tokens = exchange(code_in(location));
  ASSERT_TRUE(tokens) << tokens.error().message;
  const auto person = client_.verify_id_token(tokens->id_token, channel_, "a nonce");
  ASSERT_TRUE(person) << name_of(person.error());
  EXPECT_EQ(person->user_id, ben);
  EXPECT_EQ(person->name, "Ben");
  EXPECT_EQ(client_.verify_id_token(tokens->id_token, channel_, "another").error(),
            IdTokenFault::wrong_nonce);
  EXPECT_FALSE(*client_.friendship(channel_, tokens->access_token));
  EXPECT_EQ(client_.login_profile(channel_, tokens->access_token)->user_id, ben);
  ASSERT_TRUE(client_.revoke(channel_, tokens->access_token));
  EXPECT_EQ(client_.friendship(channel_, tokens->access_token).error().kind,
            CallFailure::Kind::unauthorized);
}

TEST_F(ClientTest, SeesWhoBecameAFriend) {
  const std::string location = consent("&sandbox_friend=true");
  EXPECT_THAT(location, HasSubstr("&friendship_status_changed=true"));
  EXPECT_TRUE(*client_.friendship(channel_, exchange(code_in(location))->access_token));
  EXPECT_EQ(client_.profile(channel_, ben)->display_name, "Ben");
  EXPECT_EQ(client_.profile(channel_, "U0000000000000000000000000000000c").error().kind,
            CallFailure::Kind::not_found);
}

TEST_F(ClientTest, UsesACodeOnceAndWithItsVerifier) {
  const std::string code = code_in(consent());
  EXPECT_TRUE(exchange(code));
  EXPECT_EQ(exchange(code).error().message, "invalid authorization code");
  const auto wrong = [&](std::string_view uri, std::string_view proof, const Channel& channel) {
    return client_.exchange_code(channel, code_in(consent()), uri, proof).error().message;
  };
  EXPECT_THAT(wrong("https://a.example/cb", "another", channel_), HasSubstr("code_verifier"));
  EXPECT_THAT(wrong("https://a.example/cb", "", channel_), HasSubstr("code_verifier"));
  EXPECT_THAT(wrong("https://b.example/cb", verifier, channel_), HasSubstr("redirect_uri"));
  Channel other = channel_;
  other.channel_secret = "wrong";
  EXPECT_THAT(wrong("https://a.example/cb", verifier, other), HasSubstr("client_secret"));
}

TEST_F(ClientTest, SendsAndIsToldWhatCameOfIt) {
  EXPECT_EQ(push(key_1), "accepted");
  EXPECT_NE(std::get<outcome::Accepted>(last_).request_id, "");
  EXPECT_EQ(push(key_1), "accepted_before");
  EXPECT_EQ(push(key_2, R"([{"type":"text","text":""}])"), "rejected");
  EXPECT_EQ(push(key_2, hello, "nobody"), "rejected");
  EXPECT_EQ(push("no UUID"), "rejected");
  EXPECT_EQ(received(), 1u);
  const std::vector<std::string> many{std::string(ada), "U1", std::string(ben), "U2"};
  last_ = client_.multicast(channel_, multicast_body(many, hello), key_2);
  ASSERT_EQ(name_of(last_), "rejected");
  EXPECT_THAT(std::get<outcome::Rejected>(last_).recipients, testing::ElementsAre(1, 3));
  channel_.channel_access_token = "wrong";
  EXPECT_EQ(push(key_2), "unauthorized");
}

TEST_F(ClientTest, KnowsTheQuota) {
  const std::vector<std::string> nine(9, std::string(ada));
  last_ = client_.multicast(channel_, multicast_body(nine, hello), key_1);
  EXPECT_EQ(name_of(last_), "accepted");
  const auto quota = client_.quota(channel_);
  ASSERT_TRUE(quota);
  EXPECT_EQ(quota->limit, 10);
  EXPECT_EQ(quota->used, 9);
  EXPECT_TRUE(quota->has_room_for(1));
  EXPECT_FALSE(quota->has_room_for(2));
  const std::vector<std::string> two(2, std::string(ada));
  last_ = client_.multicast(channel_, multicast_body(two, hello), key_2);
  EXPECT_EQ(name_of(last_), "monthly_limit");
  EXPECT_EQ(received(), 9u);
}

TEST_F(ClientTest, LetsLineJudgeMessages) {
  EXPECT_TRUE(client_.validate(channel_, SendKind::multicast, hello));
  const auto judged = client_.validate(channel_, SendKind::push, R"([{"type":"flex"}])");
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().details.front().property, "messages[0].altText");
}

TEST_F(ClientTest, BuysStatelessTokens) {
  channel_.channel_access_token.clear();
  EXPECT_EQ(push(key_1), "accepted");
  EXPECT_TRUE(client_.quota(channel_));
  channel_.messaging_channel_secret = "wrong";
  EXPECT_EQ(push(key_2), "unauthorized");
}

TEST_F(ClientTest, MeetsEachFault) {
  const struct {
    std::string_view fault, outcome;
    std::size_t rows;
  } table[] = {
      {"ok", "accepted", 1},
      {"accept_drop", "retry", 1},
      {"drop", "retry", 0},
      {"truncate", "retry", 1},
      {"500", "retry", 0},
      {"accept_500", "retry", 1},
      {"429_rate", "retry_later", 0},
      {"429_monthly", "monthly_limit", 0},
      {"409", "accepted_before", 1},
      {"409_without_header", "accepted_before", 1},
  };
  int number = 100;
  for (const auto& row : table) {
    const std::size_t before = received();
    const std::string key = "123e4567-e89b-12d3-a456-426614174" + std::to_string(number++);
    order_faults(R"([{"kind":")" + std::string(row.fault) + "\"}]");
    EXPECT_EQ(push(key), row.outcome) << row.fault;
    EXPECT_EQ(received() - before, row.rows) << row.fault;
    order_faults("[]");
  }
  order_faults(R"([{"kind":"409"}])");
  push("123e4567-e89b-12d3-a456-426614174990");
  EXPECT_NE(std::get<outcome::AcceptedBefore>(last_).request_id, "");
  order_faults(R"([{"kind":"409_without_header"}])");
  push("123e4567-e89b-12d3-a456-426614174991");
  EXPECT_EQ(std::get<outcome::AcceptedBefore>(last_).request_id, "");
}

// Else what the second answer proves of itself would be taken for a proof about both.
TEST_F(ClientTest, SendsNothingTwiceWithoutSayingSo) {
  EXPECT_EQ(push("123e4567-e89b-12d3-a456-426614174001"), "accepted") << "and is kept open";
  order_faults(R"([{"kind":"accept_drop"},{"kind":"400"}])");
  EXPECT_EQ(push("123e4567-e89b-12d3-a456-426614174002"), "retry");
  EXPECT_TRUE(std::get<outcome::Retry>(last_).may_be_accepted);
  EXPECT_EQ(received(), 2u);
  EXPECT_EQ(push("123e4567-e89b-12d3-a456-426614174003"), "rejected") << "the step was left";
}

TEST_F(ClientTest, IsNotLetNearPrivateAddresses) {
  const http::OutgoingClient strict;
  const Client client(strict, clock_);
  const auto quota = client.quota(channel_);
  ASSERT_FALSE(quota);
  EXPECT_EQ(quota.error().kind, CallFailure::Kind::not_sent);
  EXPECT_THAT(quota.error().message, HasSubstr("outgoing_allow"));
}

class Es256ClientTest : public ClientTest {
 protected:
  sandbox::Options options() const override {
    sandbox::Options chosen = ClientTest::options();
    chosen.signs_with_es256 = true;
    return chosen;
  }
};

TEST_F(Es256ClientTest, FetchesTheCertsOnce) {
  const auto tokens = exchange(code_in(consent()));
  ASSERT_TRUE(tokens);
  EXPECT_TRUE(client_.verify_id_token(tokens->id_token, channel_, "a nonce"));
  order_faults(R"([{"kind":"500","endpoint":"certs"}])");
  EXPECT_TRUE(client_.verify_id_token(tokens->id_token, channel_, "a nonce"));
  EXPECT_THAT(call(http::Method::get, "/sandbox/faults").body, HasSubstr("certs")) << "not asked";
}

TEST_F(Es256ClientTest, AsksNoSoonerThanAMinuteLater) {
  const auto tokens = exchange(code_in(consent()));
  SimulatedClock clock(clock_.now());
  const Client client(outgoing_, clock);
  const auto verdict = [&] {
    const auto verified = client.verify_id_token(tokens->id_token, channel_, "a nonce");
    return verified ? "ok" : name_of(verified.error());
  };
  order_faults(R"([{"kind":"500","endpoint":"certs"}])");
  EXPECT_EQ(verdict(), "needs_certs");
  EXPECT_EQ(verdict(), "needs_certs") << "LINE would answer, but is not asked so soon";
  clock.advance(Client::certs_pause);
  EXPECT_EQ(verdict(), "ok");
}

}  // namespace
}  // namespace callboard::line
