#include "line/webhook.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::line {
namespace {

using namespace std::string_literals;

constexpr std::string_view body =
    R"({"destination":"U00000000000000000000000000000000","events":[]})";

TEST(WebhookSignature, IsBase64OfTheMac) {
  // By Python: base64.b64encode(hmac.digest(b"secret", b"body", "sha256")).
  EXPECT_EQ(webhook_signature("secret", "body"), "3EaYNVf+oSe0OvchRn65s/3iM4/j4U9RlSqoR4wT01U=");
}

// libFuzzer's first input: a view of nothing, whose pointer is null, went to memcpy().
TEST(WebhookSignature, MayBeOfNothing) {
  EXPECT_TRUE(is_signed_by("secret", {}, webhook_signature("secret", "")));
}

TEST(WebhookSignature, HoldsForItsBodyAndSecretAlone) {
  const std::string signature = webhook_signature("secret", body);
  EXPECT_TRUE(is_signed_by("secret", body, signature));
  EXPECT_FALSE(is_signed_by("secret", std::string(body) + " ", signature));
  EXPECT_FALSE(is_signed_by("another", body, signature));
  EXPECT_FALSE(is_signed_by("secret", body, ""));
  EXPECT_FALSE(is_signed_by("secret", body, signature.substr(1)));
  EXPECT_FALSE(is_signed_by("secret", body, signature + "="));
  EXPECT_FALSE(is_signed_by("", body, webhook_signature("", body))) << "anybody could sign";
}

TEST(Webhook, MayHaveNoEvents) {
  const Webhook webhook = parse_webhook(body);
  EXPECT_EQ(webhook.destination, "U00000000000000000000000000000000");
  EXPECT_TRUE(webhook.events.empty());
}

TEST(Webhook, TellsWhatHappened) {
  const Webhook webhook = parse_webhook(R"({"destination":"Ubot","later":1,"events":[
      {"type":"follow","mode":"active","timestamp":1700000000123,"webhookEventId":"01A",
       "deliveryContext":{"isRedelivery":true},"source":{"type":"user","userId":"U1"},
       "follow":{"isUnblocked":true},"replyToken":"t"},
      {"type":"unfollow","timestamp":1,"webhookEventId":"01B",
       "source":{"type":"user","userId":"U2"}},
      {"type":"postback","timestamp":2,"webhookEventId":"01C",
       "deliveryContext":{"isRedelivery":false},
       "source":{"type":"user","userId":"U3"},"postback":{"data":"unsubscribe:e1","params":{}}},
      {"type":"never heard of","timestamp":3,"webhookEventId":"01D","extra":[{}],
       "source":{"type":"group","groupId":"C1"},"follow":7,"postback":null}]})");
  ASSERT_EQ(webhook.events.size(), 4u);
  const WebhookEvent& follow = webhook.events[0];
  EXPECT_EQ(follow.type, "follow");
  EXPECT_EQ(follow.webhook_event_id, "01A");
  EXPECT_EQ(unix_ms(follow.timestamp), 1'700'000'000'123);
  EXPECT_TRUE(follow.is_redelivery);
  EXPECT_EQ(follow.user_id, "U1");
  EXPECT_EQ(follow.is_unblocked, true);
  EXPECT_EQ(follow.postback, std::nullopt);
  EXPECT_NE(follow.json.find(R"("replyToken":"t")"), follow.json.npos);
  EXPECT_EQ(webhook.events[1].type, "unfollow");
  EXPECT_FALSE(webhook.events[1].is_redelivery);
  EXPECT_EQ(webhook.events[1].is_unblocked, std::nullopt);
  EXPECT_EQ(webhook.events[2].postback, "unsubscribe:e1");
  EXPECT_EQ(webhook.events[3].user_id, "");
  EXPECT_EQ(webhook.events[3].type, "never heard of");
}

TEST(Webhook, RefusesWhatIsMalformed) {
  for (const std::string& text :
       {""s, "[]"s, "{}"s, R"({"events":{}})"s, R"({"events":[7]})"s, R"({"events":[{}]})"s,
        R"({"events":[{"type":"follow","timestamp":1}]})"s,
        R"({"events":[{"webhookEventId":"a","timestamp":1}]})"s,
        R"({"events":[{"webhookEventId":"a","type":"follow"}]})"s,
        R"({"events":[{"webhookEventId":"a","type":"follow","timestamp":-1}]})"s,
        R"({"events":[{"webhookEventId":"a","type":"follow","timestamp":"now"}]})"s,
        R"({"events":[{"webhookEventId":"a","type":"follow","timestamp":9223372036854775807}]})"s,
        "{\"events\":[], \"a\":\"\xff\"}"s}) {
    try {
      parse_webhook(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid) << text;
    }
  }
}

TEST(Webhook, HasABound) {
  const std::string event = R"({"webhookEventId":"a","type":"message","timestamp":1})";
  const auto of = [&](std::size_t count) {
    std::string text = R"({"events":[)" + event;
    for (std::size_t i = 1; i < count; ++i) text += "," + event;
    return text + "]}";
  };
  EXPECT_EQ(parse_webhook(of(max_webhook_events)).events.size(), max_webhook_events);
  EXPECT_THROW(parse_webhook(of(max_webhook_events + 1)), Error);
  EXPECT_THROW(parse_webhook(std::string(max_webhook_bytes + 1, ' ')), Error);
}

}  // namespace
}  // namespace callboard::line
