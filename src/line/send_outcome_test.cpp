#include "line/send_outcome.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace callboard::line {
namespace {

using http::OutgoingOutcome;
using http::OutgoingReply;
using testing::ElementsAre;
using testing::IsEmpty;

OutgoingReply answered(int status, std::string body = "{}",
                       std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {OutgoingOutcome::answered, status, std::move(body), std::move(headers)};
}

template <class Kind>
Kind as(const OutgoingReply& reply) {
  const SendOutcome outcome = send_outcome_of(reply);
  const Kind* kind = std::get_if<Kind>(&outcome);
  EXPECT_TRUE(kind != nullptr) << name_of(outcome);
  return kind != nullptr ? *kind : Kind{};
}

struct Row {
  OutgoingReply reply;
  std::string_view outcome;
};

TEST(SendOutcome, FollowsFromTheReply) {
  const std::string rate =
      R"({"message":"The API rate limit has been exceeded. Try again later."})";
  const Row table[] = {
      {answered(200), "accepted"},
      {answered(200, R"({"sentMessages":[{"id":"1"}]})"), "accepted"},
      {answered(200, "not JSON, and accepted all the same"), "accepted"},
      {answered(202), "accepted"},
      {answered(409), "accepted_before"},
      {answered(400, R"({"message":"The request body has an error"})"), "rejected"},
      {answered(403), "rejected"},
      {answered(404), "rejected"},
      {answered(413), "rejected"},
      {answered(401), "unauthorized"},
      {answered(429, rate), "retry_later"},
      {answered(429, ""), "retry_later"},
      {answered(429, R"({"message":"You have reached your monthly limit."})"), "monthly_limit"},
      {answered(500), "retry"},
      {answered(503), "retry"},
      {answered(302), "retry"},
      {{OutgoingOutcome::timed_out}, "retry"},
      {{OutgoingOutcome::broken}, "retry"},
      {{OutgoingOutcome::too_large}, "retry"},
      {{OutgoingOutcome::unreachable}, "retry"},
      {{OutgoingOutcome::unresolved}, "retry"},
      {{OutgoingOutcome::refused}, "retry"},
  };
  for (const Row& row : table) {
    EXPECT_EQ(name_of(send_outcome_of(row.reply)), row.outcome)
        << http::name_of(row.reply.outcome) << ' ' << row.reply.status << ' ' << row.reply.body;
  }
}

TEST(SendOutcome, KnowsWhetherAnythingWasSent) {
  for (const auto outcome :
       {OutgoingOutcome::timed_out, OutgoingOutcome::broken, OutgoingOutcome::too_large}) {
    EXPECT_TRUE(as<outcome::Retry>({outcome}).may_be_accepted) << http::name_of(outcome);
  }
  for (const auto outcome :
       {OutgoingOutcome::refused, OutgoingOutcome::unreachable, OutgoingOutcome::unresolved}) {
    EXPECT_FALSE(as<outcome::Retry>({outcome}).may_be_accepted) << http::name_of(outcome);
  }
  EXPECT_TRUE(as<outcome::Retry>(answered(500)).may_be_accepted);
}

TEST(SendOutcome, SaysWhichSettingForbidsAnAddress) {
  EXPECT_THAT(as<outcome::Retry>({OutgoingOutcome::refused}).reason,
              testing::HasSubstr("outgoing_allow"));
}

TEST(SendOutcome, CarriesLinesNamesForRequests) {
  EXPECT_EQ(as<outcome::Accepted>(answered(200, "{}", {{"X-Line-Request-Id", "r1"}})).request_id,
            "r1");
  EXPECT_EQ(
      as<outcome::AcceptedBefore>(
          answered(409, "{}", {{"x-line-request-id", "r2"}, {"x-line-accepted-request-id", "r1"}}))
          .request_id,
      "r1");
  EXPECT_EQ(
      as<outcome::AcceptedBefore>(answered(409, "{}", {{"x-line-request-id", "r2"}})).request_id,
      "");
}

TEST(SendOutcome, NamesTheRecipientsThatWereRefused) {
  const auto rejected =
      as<outcome::Rejected>(answered(400,
                                     R"({"message":"The request body has 4 errors","details":[
          {"message":"invalid","property":"to[17]"},{"message":"invalid","property":"to[3]"},
          {"message":"invalid","property":"to[3]"},{"message":"May not be empty",
          "property":"messages[0].text"},{"property":"to[500]"},{"property":"to[-1]"},
          {"property":"to[1x]"},{"property":"to"},7]})"));
  EXPECT_EQ(rejected.status, 400);
  EXPECT_EQ(rejected.message, "The request body has 4 errors");
  EXPECT_THAT(rejected.recipients, ElementsAre(3, 17));
  ASSERT_EQ(rejected.details.size(), 8u);
  EXPECT_EQ(rejected.details[3],
            (FailureDetail{.property = "messages[0].text", .message = "May not be empty"}));
  EXPECT_THAT(as<outcome::Rejected>(answered(400, "no JSON")).recipients, IsEmpty());
}

TEST(SendOutcome, WaitsAsLongAsItIsTold) {
  const auto after = [](const char* text) {
    return as<outcome::RetryLater>(answered(429, "{}", {{"Retry-After", text}})).after;
  };
  EXPECT_EQ(after("7"), std::chrono::seconds{7});
  EXPECT_EQ(after("1000000"), std::chrono::seconds{3600});
  for (const char* text :
       {"", "-1", "7s", "Wed, 21 Oct 2015 07:28:00 GMT", "99999999999999999999"}) {
    EXPECT_EQ(after(text), std::nullopt) << text;
  }
}

TEST(SendOutcome, WithoutATokenNothingWasSent) {
  using Kind = CallFailure::Kind;
  EXPECT_EQ(name_of(without_token({Kind::unauthorized})), "unauthorized");
  EXPECT_EQ(name_of(without_token({Kind::rejected, 400})), "unauthorized");
  EXPECT_EQ(name_of(without_token({Kind::rate_limited, 429})), "retry_later");
  for (const Kind kind : {Kind::unanswered, Kind::server_error, Kind::not_sent, Kind::malformed}) {
    const SendOutcome outcome = without_token({kind});
    ASSERT_EQ(name_of(outcome), "retry") << name_of(kind);
    EXPECT_FALSE(std::get<outcome::Retry>(outcome).may_be_accepted) << name_of(kind);
  }
}

}  // namespace
}  // namespace callboard::line
