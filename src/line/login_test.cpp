// The requests to LINE Login, byte by byte, and what is made of its replies.

#include "line/login.hpp"

#include <gtest/gtest.h>

#include "line/form.hpp"
#include "line/messaging.hpp"

namespace callboard::line {
namespace {

using http::Method;
using http::OutgoingOutcome;
using http::OutgoingReply;
using std::chrono::seconds;

const Channel channel{.channel_id = "1234567890",
                      .channel_secret = "s&cret",
                      .messaging_channel_secret = "another",
                      .messaging_channel_id = "42"};

OutgoingReply ok(std::string body) {
  return {OutgoingOutcome::answered, 200, std::move(body)};
}
std::string header(const http::OutgoingRequest& request, std::string_view name) {
  for (const auto& [known, value] : request.headers) {
    if (known == name) return value;
  }
  return "(none)";
}

TEST(Form, EscapesAllThatIsNotUnreserved) {
  EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encoded(" +&=%/?#\xe3\x81\x82"), "%20%2B%26%3D%25%2F%3F%23%E3%81%82");
  EXPECT_EQ(form_of({{"a", "1 2"}, {"b", ""}, {"c", "&"}}), "a=1%202&c=%26");
}

TEST(LoginUrl, HasAllParameters) {
  // The challenge of RFC 7636, appendix B.
  EXPECT_EQ(authorize_url(channel, {.redirect_uri = "https://a.example/line-login/callback",
                                    .state = "st ate",
                                    .nonce = "n",
                                    .code_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                                    .prompt = "consent",
                                    .bot_prompt = "aggressive",
                                    .ui_locales = "zh-TW en",
                                    .max_age = "600"}),
            "https://access.line.me/oauth2/v2.1/authorize?response_type=code&client_id=1234567890"
            "&redirect_uri=https%3A%2F%2Fa.example%2Fline-login%2Fcallback&state=st%20ate"
            "&scope=profile%20openid&nonce=n&prompt=consent&bot_prompt=aggressive"
            "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            "&code_challenge_method=S256&ui_locales=zh-TW%20en&max_age=600");
}

TEST(LoginUrl, LeavesOutWhatIsNotAskedFor) {
  const std::string url = authorize_url(channel, {.redirect_uri = "r", .state = "s", .nonce = "n"});
  EXPECT_EQ(url,
            "https://access.line.me/oauth2/v2.1/authorize?response_type=code&client_id=1234567890"
            "&redirect_uri=r&state=s&scope=profile%20openid&nonce=n");
}

TEST(LoginRequests, PutSecretsIntoTheBody) {
  const auto request = token_request(channel, "c/1", "https://a.example/cb", "verifier");
  EXPECT_EQ(request.method, Method::post);
  EXPECT_EQ(request.url, "https://api.line.me/oauth2/v2.1/token");
  EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body,
            "grant_type=authorization_code&code=c%2F1&redirect_uri=https%3A%2F%2Fa.example%2Fcb"
            "&client_id=1234567890&client_secret=s%26cret&code_verifier=verifier");
  EXPECT_EQ(refresh_request(channel, "r").body,
            "grant_type=refresh_token&refresh_token=r&client_id=1234567890&client_secret=s%26cret");
  EXPECT_EQ(revoke_request(channel, "a").body,
            "access_token=a&client_id=1234567890&client_secret=s%26cret");
  EXPECT_EQ(stateless_token_request(channel).body,
            "grant_type=client_credentials&client_id=42&client_secret=another");
  for (const auto& asked : {friendship_request(channel, "a"), userinfo_request(channel, "a"),
                            login_profile_request(channel, "a")}) {
    EXPECT_EQ(asked.method, Method::get);
    EXPECT_EQ(header(asked, "Authorization"), "Bearer a");
  }
  EXPECT_EQ(verify_request(channel, "a+b").url,
            "https://api.line.me/oauth2/v2.1/verify?access_token=a%2Bb");
  EXPECT_EQ(certs_request(channel).url, "https://api.line.me/oauth2/v2.1/certs");
  EXPECT_EQ(profile_request(channel, "t", "U/1").url, "https://api.line.me/v2/bot/profile/U%2F1");
}

TEST(LoginReplies, AreRead) {
  const auto tokens = read_tokens(ok(R"({"access_token":"a","expires_in":2592000,"id_token":"i",
      "refresh_token":"r","scope":"profile openid","token_type":"Bearer"})"));
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->access_token + tokens->refresh_token + tokens->id_token, "ari");
  EXPECT_EQ(tokens->expires_in, seconds{2592000});
  EXPECT_EQ(tokens->scope, "profile openid");
  EXPECT_TRUE(*read_friendship(ok(R"({"friendFlag":true})")));
  EXPECT_FALSE(*read_friendship(ok(R"({"friendFlag":false})")));
  const auto person = read_userinfo(ok(R"({"sub":"U1","name":"Sally","picture":"p"})"));
  ASSERT_TRUE(person);
  EXPECT_EQ(person->user_id + person->display_name + person->picture_url, "U1Sallyp");
  const auto profile = read_login_profile(ok(R"({"userId":"U1","displayName":"Sally"})"));
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->user_id + profile->display_name + profile->picture_url, "U1Sally");
  const auto verified = read_verified(ok(R"({"client_id":"1","expires_in":5,"scope":"openid"})"));
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->client_id, "1");
  EXPECT_EQ(*read_quota(ok(R"({"type":"none"})")), std::nullopt);
  EXPECT_EQ(*read_quota(ok(R"({"type":"limited","value":200})")), 200);
  EXPECT_EQ(*read_consumption(ok(R"({"totalUsage":7})")), 7);
  EXPECT_EQ(read_stateless_token(ok(R"({"access_token":"t","expires_in":899})"))->expires_in,
            seconds{899});
  EXPECT_TRUE(read_revoked(ok("")));
  EXPECT_TRUE(read_validated(ok("{}")));
}

TEST(LoginReplies, ThatAreNotAsPromisedAreFailures) {
  using Kind = CallFailure::Kind;
  for (const char* body :
       {"", "[]", "{}", R"({"access_token":"a"})", R"({"access_token":7,"expires_in":1})",
        R"({"access_token":"a","expires_in":-1})"}) {
    ASSERT_FALSE(read_tokens(ok(body))) << body;
    EXPECT_EQ(read_tokens(ok(body)).error().kind, Kind::malformed) << body;
    EXPECT_FALSE(read_stateless_token(ok(body))) << body;
    EXPECT_FALSE(read_friendship(ok(body))) << body;
    EXPECT_FALSE(read_userinfo(ok(body))) << body;
    EXPECT_FALSE(read_profile(ok(body))) << body;
    EXPECT_FALSE(read_quota(ok(body))) << body;
    EXPECT_FALSE(read_consumption(ok(body))) << body;
  }
  EXPECT_FALSE(read_quota(ok(R"({"type":"limited"})")));
  const auto refused = read_tokens({OutgoingOutcome::answered, 400,
                                    R"({"error":"invalid_grant",
                                        "error_description":"invalid authorization code"})"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::rejected);
  EXPECT_EQ(refused.error().message, "invalid authorization code");
  EXPECT_EQ(
      read_profile({OutgoingOutcome::answered, 404, R"({"message":"Not found"})"}).error().kind,
      Kind::not_found);
  EXPECT_EQ(read_tokens({OutgoingOutcome::timed_out}).error().kind, Kind::unanswered);
}

TEST(LoginReplies, BecomeErrorsForWhoCanNotGoOn) {
  const auto code = [](OutgoingReply reply) { return error_of(*failure_of(reply)).code(); };
  EXPECT_EQ(code({OutgoingOutcome::timed_out}), ErrorCode::unavailable);
  EXPECT_EQ(code({OutgoingOutcome::refused}), ErrorCode::unavailable);
  EXPECT_EQ(code({OutgoingOutcome::answered, 500}), ErrorCode::unavailable);
  EXPECT_EQ(code({OutgoingOutcome::answered, 429}), ErrorCode::too_many);
  EXPECT_EQ(code({OutgoingOutcome::answered, 404}), ErrorCode::not_found);
  EXPECT_EQ(code({OutgoingOutcome::answered, 400}), ErrorCode::unprocessable);
  EXPECT_EQ(code({OutgoingOutcome::answered, 401}), ErrorCode::unprocessable);
}

TEST(Bodies, AreMadeOnce) {
  const std::vector<std::string> users{"U1", "U\"2"};
  EXPECT_EQ(multicast_body(users, "[{}]"), R"({"to":["U1","U\"2"],"messages":[{}]})");
  EXPECT_EQ(push_body("U1", "[{}]", true),
            R"({"to":"U1","messages":[{}],"notificationDisabled":true})");
  const auto request = multicast_request(channel, "t", "exact bytes", "key");
  EXPECT_EQ(request.body, "exact bytes");
  EXPECT_EQ(header(request, "X-Line-Retry-Key"), "key");
  EXPECT_EQ(header(request, "Authorization"), "Bearer t");
  EXPECT_EQ(header(push_request(channel, "t", "", ""), "X-Line-Retry-Key"), "(none)");
}

}  // namespace
}  // namespace callboard::line
