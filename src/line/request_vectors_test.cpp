// Every request that the client makes, as tests/support/line_requests.json has it: the API tests
// hold the same file against LINE's own description, where that is at hand.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "line/login.hpp"
#include "line/messaging.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;

constexpr std::string_view messages =
    R"([{"type":"text","text":"hello"},{"type":"flex","altText":"Event: a talk","contents":)"
    R"({"type":"bubble","hero":{"type":"image","url":"https://a.example/x.png","size":"full"},)"
    R"("body":{"type":"box","layout":"vertical","contents":[{"type":"text","text":"a talk",)"
    R"("weight":"bold","wrap":true},{"type":"separator"}]},"footer":{"type":"box",)"
    R"("layout":"vertical","contents":[{"type":"button","style":"link","action":{"type":"uri",)"
    R"("label":"go","uri":"https://a.example"}},{"type":"button","action":{"type":"postback",)"
    R"("label":"no more","data":"unsubscribe:e1"}}]}}}])";

json::array requests() {
  const Channel channel{.channel_id = "1234567890",
                        .channel_secret = "secret",
                        .messaging_channel_secret = "another"};
  const std::vector<std::string> users{"U0000000000000000000000000000000a",
                                       "U0000000000000000000000000000000b"};
  const std::string key = "123e4567-e89b-12d3-a456-426614174000";
  json::array all;
  for (const http::OutgoingRequest& request :
       {push_request(channel, "token", push_body(users[0], messages), key),
        multicast_request(channel, "token", multicast_body(users, messages, true), key),
        validate_request(channel, "token", SendKind::push, messages),
        validate_request(channel, "token", SendKind::multicast, messages),
        quota_request(channel, "token"), consumption_request(channel, "token"),
        profile_request(channel, "token", users[0]), stateless_token_request(channel)}) {
    json::object headers;
    for (const auto& [name, value] : request.headers) headers[name] = value;
    all.push_back(json::object{{"method", http::name_of(request.method)},
                               {"url", request.url},
                               {"headers", std::move(headers)},
                               {"body", request.body}});
  }
  return all;
}

TEST(RequestVectors, AreWhatTheClientSends) {
  std::ifstream file(LINE_REQUESTS);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(json::parse(text), json::value(requests())) << json::serialize(requests());
}

}  // namespace
}  // namespace callboard::line
