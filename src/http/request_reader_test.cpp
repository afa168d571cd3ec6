#include "http/request_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/beast/http.hpp>

namespace callboard::http {
namespace {

using Event = RequestReader::Event;

// What a connection would see of `input`, given to it in `pieces` of that size: "POST /a abc;" for
// each request, with the status of a refusal at the end.
std::string seen(std::string_view input, std::size_t piece, std::size_t max_body = 100) {
  RequestReader reader({});
  std::string out;
  while (true) {
    switch (reader.next()) {
      case Event::need_more: {
        if (input.empty()) return out;
        const auto space = reader.space();
        const std::size_t count = std::min({space.size(), piece, input.size()});
        std::ranges::copy(input.substr(0, count), space.data());
        input.remove_prefix(count);
        reader.received(count);
        break;
      }
      case Event::head:
        reader.limit_body(max_body);
        break;
      case Event::request:
        out.append(name_of(reader.head().method)).append(" ").append(reader.head().target);
        out.append(" ").append(reader.body()).append(";");
        reader.done();
        break;
      case Event::refused:
        return out + std::to_string(reader.refusal().status);
    }
  }
}

std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string chunked(std::string_view body) {
  return "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

void expect_in_any_pieces(std::string_view input, std::string_view wanted) {
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    ASSERT_EQ(seen(input, piece), wanted) << "in pieces of " << piece;
  }
}

TEST(RequestReader, ReadsPipelinedRequestsInAnyPieces) {
  const std::string input = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n" + post("/2", "abc") +
                            chunked("3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: r\r\n\r\n") +
                            post("/4", "") + chunked("0\r\n\r\n") + "GET /6 HTTP/1.0\r\n\r\n";
  expect_in_any_pieces(input,
                       "GET /1 ;POST /2 abc;POST /c abc0123456789;POST /4 ;POST /c ;GET /6 ;");
}

TEST(RequestReader, RefusesInAnyPieces) {
  expect_in_any_pieces(post("/1", "abc") + "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "POST /1 abc;400");
  expect_in_any_pieces("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400");
  expect_in_any_pieces("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400");
  expect_in_any_pieces("\r\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400");
  expect_in_any_pieces("\r\n GET / HTTP/1.1\r\nHost: a\r\n\r\n", "400");
  expect_in_any_pieces("GET\r\n / HTTP/1.1\r\nHost: a\r\n\r\n", "400");
  expect_in_any_pieces("GET / HTTP/1.1\nHost: a\n\n", "400");
  expect_in_any_pieces(chunked("3\r\nabcd\r\n0\r\n\r\n"), "400");
  expect_in_any_pieces("\x16\x03\x01\x02", "400");
}

TEST(RequestReader, PassesOneEmptyLineBeforeARequest) {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  expect_in_any_pieces("\r\n" + get + "\r\n" + get + post("/1", "abc") + "\r\n" + get + "\r\n",
                       "GET / ;GET / ;POST /1 abc;GET / ;");
}

TEST(RequestReader, AnEmptyLineIsNoRequestYet) {
  RequestReader reader({});
  const auto receive = [&](char byte) {
    reader.space()[0] = byte;
    reader.received(1);
    return reader.next();
  };
  reader.next();
  EXPECT_EQ(receive('\r'), Event::need_more);
  EXPECT_EQ(reader.stage(), RequestReader::Stage::head) << "the time of a header runs";
  EXPECT_EQ(receive('\n'), Event::need_more);
  EXPECT_EQ(reader.stage(), RequestReader::Stage::idle);
  EXPECT_EQ(receive('\r'), Event::refused);
}

TEST(RequestReader, RefusesOddChunks) {
  const std::pair<std::string, const char*> cases[] = {
      {"5\r\nabcde\r\n00000000\r\n\r\n", "POST /c abcde;"},
      {"5;a\r\nabcde\r\n0;b=\"c d\"\r\n\r\n", "POST /c abcde;"},
      {"0\r\nA: b\r\nC:\r\n\r\n", "POST /c ;"},
      {"1;a;b=c;d=\"e;\\\"f\"\r\nx\r\n0;g=h\r\n\r\n", "POST /c x;"},
      {"5;\r\nabcde\r\n", "400"},
      {"5;=a\r\nabcde\r\n", "400"},
      {"5;a=\r\nabcde\r\n", "400"},
      {"5;a=\"b\r\nabcde\r\n", "400"},
      {"5;a=\"b\"c\r\nabcde\r\n", "400"},
      {"5;a b\r\nabcde\r\n", "400"},
      {"\r\n0\r\n\r\n", "400"},
      {"g\r\n", "400"},
      {"-1\r\n", "400"},
      {"0x5\r\nabcde\r\n", "400"},
      {" 5\r\nabcde\r\n", "400"},
      {"5 \r\nabcde\r\n", "400"},
      {"5\nabcde\r\n", "400"},
      {"5\r\nabcde\n", "400"},
      {"5\r\nabcdef\r\n", "400"},
      {"5\rabcde\r\n", "400"},
      {"000000005\r\nabcde\r\n", "400"},
      {"FFFFFFFFFFFFFFFF\r\n", "400"},
      {"100000000\r\n", "400"},
      {"5;a\nb\r\nabcde\r\n", "400"},
      {"5;\x01\r\nabcde\r\n", "400"},
      {"5;" + std::string(1025, 'x') + "\r\nabcde\r\n", "400"},
      {"0\r\n A: b\r\n\r\n", "400"},
      {"0\r\n: b\r\n\r\n", "400"},
      {"0\r\nA b\r\n\r\n", "400"},
      {"0\r\nA: b\r\n c\r\n\r\n", "400"},
      {"0\r\nA: b\nB: c\r\n\r\n", "400"},
      {"0\r\n\n", "400"},
      {"0\r\nA: " + std::string(5000, 'x') + "\r\n\r\n", "431"},
      {"65\r\n", "413"},
      {"64\r\n" + std::string(100, 'x') + "\r\n1\r\n", "413"},
      {"FFFFFFFF\r\n", "413"},
  };
  for (const auto& [body, wanted] : cases) {
    EXPECT_EQ(seen(chunked(body), 1), wanted) << body;
    EXPECT_EQ(seen(chunked(body), 10'000), wanted) << body;
  }
}

TEST(RequestReader, LimitsTheBody) {
  EXPECT_EQ(seen(post("/", std::string(100, 'x')), 1000), "POST / " + std::string(100, 'x') + ";");
  EXPECT_EQ(seen(post("/", std::string(101, 'x')), 1000), "413");
}

TEST(RequestReader, LimitsTheHead) {
  EXPECT_EQ(seen("GET /" + std::string(20'000, 'a'), 1000), "414");
  EXPECT_EQ(seen("GET / HTTP/1.1\r\nA: " + std::string(20'000, 'a'), 1000), "431");
  EXPECT_EQ(seen("GET / HTTP/1.1\r\n" + std::string(100'000, 'a'), 100'000), "431");
}

TEST(RequestReader, HoldsALargeBodyInAnyPieces) {
  std::string body(300'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  const std::string input = post("/1", body) + chunked("493E0\r\n" + body + "\r\n0\r\n\r\n");
  for (const std::size_t piece : {1U, 777U, 4096U, 70'000U, 1'000'000U}) {
    ASSERT_EQ(seen(input, piece, body.size()), "POST /1 " + body + ";POST /c " + body + ";");
  }
}

// A head that fills the buffer to its last byte leaves its chunks no room there.
TEST(RequestReader, FindsRoomForChunksBehindAnyHead) {
  for (std::size_t padding = 8000; padding < 8300; ++padding) {
    const std::string input = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: " +
                              std::string(padding, 'x') + "\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    ASSERT_EQ(seen(input, input.size()), "POST /c abc;") << padding;
    ASSERT_EQ(seen(input, 4096), "POST /c abc;") << padding;
  }
}

TEST(RequestReader, KnowsWhatItWaitsFor) {
  RequestReader reader({});
  const auto feed = [&](std::string_view bytes) {
    std::ranges::copy(bytes, reader.space().data());
    reader.received(bytes.size());
    return reader.next();
  };
  EXPECT_EQ(reader.stage(), RequestReader::Stage::idle);
  EXPECT_EQ(feed("POST / HTTP/1.1\r\nHost: a\r\n"), Event::need_more);
  EXPECT_EQ(reader.stage(), RequestReader::Stage::head);
  EXPECT_EQ(feed("Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"), Event::head);
  reader.limit_body(2);
  EXPECT_TRUE(reader.body_is_missing());
  EXPECT_EQ(reader.next(), Event::need_more);
  EXPECT_EQ(reader.stage(), RequestReader::Stage::body);
  EXPECT_EQ(feed("a"), Event::need_more);
  EXPECT_EQ(feed("b"), Event::request);
  reader.done();
  EXPECT_EQ(reader.stage(), RequestReader::Stage::idle);
}

TEST(RequestReader, GoesOnWhereAnotherOneStopped) {
  RequestReader reader({}, "GET /left HTTP/1.1\r\nHost: a\r\n\r\nGET /more HT");
  ASSERT_EQ(reader.next(), Event::head);
  reader.limit_body(0);
  ASSERT_EQ(reader.next(), Event::request);
  EXPECT_EQ(reader.head().target, "/left");
  reader.done();
  EXPECT_EQ(reader.unparsed(), "GET /more HT");
}

// An independent reader, which accepts more than we do, must see the same in what we accept.
TEST(RequestReader, AgreesWithBeast) {
  namespace beast_http = boost::beast::http;
  const std::string inputs[] = {
      post("/a?b=c", "body"),
      chunked("3\r\nabc\r\n10;x\r\n0123456789abcdef\r\n0\r\nT: r\r\n\r\n"),
      "GET / HTTP/1.1\r\nHost: a\r\nX:  spaced out\t\r\nY:\r\n\r\n",
  };
  for (const std::string& input : inputs) {
    RequestReader reader({}, input);
    ASSERT_EQ(reader.next(), Event::head);
    reader.limit_body(1000);
    ASSERT_EQ(reader.next(), Event::request);

    beast_http::request_parser<beast_http::string_body> parser;
    parser.eager(true);
    boost::system::error_code error;
    EXPECT_EQ(parser.put(boost::asio::buffer(input), error), input.size());
    ASSERT_TRUE(parser.is_done()) << error.message();
    EXPECT_EQ(parser.get().method_string(), name_of(reader.head().method));
    EXPECT_EQ(parser.get().target(), reader.head().target);
    EXPECT_EQ(parser.get().body(), reader.body());
    for (const Header& header : reader.head().headers) {
      EXPECT_EQ(parser.get()[std::string(header.name)], header.value);
    }
  }
}

}  // namespace
}  // namespace callboard::http
