#include "http/trace_context.hpp"

#include <gtest/gtest.h>

namespace callboard::http {
namespace {

constexpr std::string_view example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string changed(std::size_t at, std::string_view part) {
  return std::string(example).replace(at, part.size(), part);
}

Request request_with(std::string_view id, const Header& header) {
  Request request;
  request.id = id;
  request.headers = {&header, 1};
  return request;
}

TEST(TraceContext, ReadsTheExampleOfTheSpecification) {
  const auto parent = parse_traceparent(example);
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(parent->parent_id, "b7ad6b7169203331");
  EXPECT_EQ(parent->flags, "01");
}

TEST(TraceContext, TakesOurPartsOfALaterVersion) {
  EXPECT_TRUE(parse_traceparent(changed(0, "cc")));
  EXPECT_TRUE(parse_traceparent(changed(0, "cc") + "-what-the-future-will-be-like"));
  EXPECT_FALSE(parse_traceparent(changed(0, "cc") + ".what-the-future-will-be-like"));
}

TEST(TraceContext, RefusesWhateverBreaksTheRules) {
  for (const std::string& bad :
       {std::string(), std::string(example.substr(1)), std::string(example) + "-",  //
        std::string(example) + "-09", changed(0, "ff"), changed(0, "0x"), changed(0, "0A"),
        changed(2, "_"), changed(35, " "), changed(52, "."), changed(3, "0A"), changed(36, "g"),
        changed(53, "0G"), changed(3, std::string(32, '0')), changed(36, std::string(16, '0'))}) {
    EXPECT_FALSE(parse_traceparent(bad)) << bad;
  }
}

TEST(TraceContext, GoesOnWithTheCallersTrace) {
  const Header header{"Traceparent", example};
  const std::string ours = traceparent_of(request_with("id-1", header));
  const auto parent = parse_traceparent(ours);
  ASSERT_TRUE(parent) << ours;
  EXPECT_EQ(parent->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(parent->flags, "01");
  EXPECT_NE(parent->parent_id, "b7ad6b7169203331") << "the request is a step of its own";
}

TEST(TraceContext, MakesATraceWhereThereIsNone) {
  for (const std::string_view sent : {"", "00-0-0-0"}) {
    const Header header{"traceparent", sent};
    const std::string ours = traceparent_of(request_with("id-1", header));
    EXPECT_TRUE(parse_traceparent(ours)) << ours;
    EXPECT_EQ(ours, traceparent_of(request_with("id-1", header))) << "the same each time";
    EXPECT_NE(ours, traceparent_of(request_with("id-2", header)));
  }
}

}  // namespace
}  // namespace callboard::http
