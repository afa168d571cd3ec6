#include "http/event_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::http {
namespace {

std::string taken(EventStream& stream) {
  std::string out;
  stream.take(out);
  return out;
}

struct Counting final : EventStream::Listener {
  void stream_has_news() override { ++told; }
  int told = 0;
};

TEST(EventStream, WritesEventsAsTheStandardHasThem) {
  EventStream stream;
  stream.send("board", "{}", "17");
  EXPECT_EQ(taken(stream), "event: board\nid: 17\ndata: {}\n\n");
  stream.send("lines", "a\nb\r\nc\rd\n");
  EXPECT_EQ(taken(stream), "event: lines\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
  stream.send_retry(std::chrono::milliseconds{1500});
  EXPECT_EQ(taken(stream), "retry: 1500\n\n");
}

TEST(EventStream, RefusesFieldsThatWouldBreakTheirLine) {
  EventStream stream;
  EXPECT_THROW(stream.send("a\nb", ""), Error);
  EXPECT_THROW(stream.send("a", "", "1\r"), Error);
  EXPECT_THROW(stream.send("a", "", std::string("1\0", 2)), Error);
  EXPECT_EQ(taken(stream), "");
}

TEST(EventStream, TellsOnceUntilItIsLookedAt) {
  EventStream stream;
  const auto listener = std::make_shared<Counting>();
  stream.send("before", "");
  stream.attach(listener);
  EXPECT_THAT(taken(stream), testing::HasSubstr("before"));
  stream.send("a", "");
  stream.send("b", "");
  EXPECT_EQ(listener->told, 1);
  EXPECT_THAT(taken(stream), testing::HasSubstr("b"));
  stream.send("c", "");
  EXPECT_EQ(listener->told, 2);
}

TEST(EventStream, SendsWhatCameBeforeItsEnd) {
  EventStream stream;
  EXPECT_TRUE(stream.send("last", ""));
  stream.close();
  EXPECT_FALSE(stream.is_open());
  EXPECT_FALSE(stream.send("more", ""));
  std::string out;
  EXPECT_FALSE(stream.take(out));
  EXPECT_EQ(out, "event: last\ndata: \n\n");
}

TEST(EventStream, EndsWhenTooMuchWaits) {
  EventStream stream;
  const auto listener = std::make_shared<Counting>();
  stream.attach(listener);
  const std::string data(1000, 'x');
  int sent = 0;
  while (stream.send("a", data)) ++sent;
  EXPECT_EQ(sent, 16);
  EXPECT_TRUE(stream.overflowed());
  EXPECT_EQ(listener->told, 2) << "also of its end";
  EXPECT_EQ(taken(stream), "");
}

}  // namespace
}  // namespace callboard::http
