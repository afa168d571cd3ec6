// What the server does to those who don't play by the rules: an answer, then the end.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

using test::get;
using test::RawClient;
using test::TestServer;
using std::string_literals::operator""s;

Routes sample_routes() {
  const auto fine = immediate([](const Request&, Response& response) { response.body = "fine"; });
  return {
      {Method::get, "/", Access::anyone, Surface::app, fine, 1000},
      {Method::post, "/", Access::anyone, Surface::app, fine, 1000},
      {Method::get, "/big", Access::anyone, Surface::app,
       immediate([](const Request&, Response& response) { response.body.assign(100'000, 'x'); }),
       1000}};
}

std::string with(const std::string& lines, const std::string& body = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}

std::string chunks(const std::string& body) {
  return with("Transfer-Encoding: chunked\r\n", body);
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

struct Case {
  const char* name;
  std::string bytes;
  int status;
};

const Case cases[] = {
    {"both lengths", with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "abc"), 400},
    {"both lengths, other order",
     with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "abc"), 400},
    {"two lengths", with("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), 400},
    {"two equal lengths", with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
    {"list of lengths", with("Content-Length: 3, 3\r\n", "abc"), 400},
    {"negative length", with("Content-Length: -3\r\n"), 400},
    {"overflowing length", with("Content-Length: 99999999999999999999\r\n"), 400},
    {"too long a body", with("Content-Length: 1001\r\n"), 413},
    {"folded header", with("X: a\r\n b\r\n"), 400},
    {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"one bare line feed", with("X: a\nY: b\r\n"), 400},
    {"bare carriage return", with("X: a\rb\r\n"), 400},
    {"NUL", with("X: a\0b\r\n"s), 400},
    {"control character", with("X: a\x01"s + "b\r\n"), 400},
    {"space before the colon", with("Content-Length : 3\r\n", "abc"), 400},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", with("Host: a\r\n"), 400},
    {"invalid Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"xchunked", with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
    {"chunked twice", with("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501},
    {"two chunked", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501},
    {"identity", with("Transfer-Encoding: identity\r\n"), 501},
    {"vertical tab after chunked", with("Transfer-Encoding: chunked\x0b\r\n"), 400},
    {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"20 KiB of headers", with("X: " + std::string(20 * 1024, 'x') + "\r\n"), 431},
    {"10,000 headers", with(repeated("X: y\r\n", 10'000)), 431},
    {"101 headers", with(repeated("X: y\r\n", 101)), 431},
    {"10 MB of headers", with(repeated("X: " + std::string(1000, 'x') + "\r\n", 10'000)), 431},
    {"9 KiB URL", "GET /" + std::string(9 * 1024, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
    {"1 MB URL", "GET /" + std::string(1'000'000, 'a'), 414},
    {"chunk size is not hexadecimal", chunks("xyz\r\n"), 400},
    {"negative chunk size", chunks("-1\r\n"), 400},
    {"overflowing chunk size", chunks("FFFFFFFFFFFFFFFFF\r\n"), 400},
    {"huge chunk", chunks("FFFFFFF\r\n"), 413},
    {"chunk longer than its size", chunks("3\r\nabcd\r\n0\r\n\r\n"), 400},
    {"bare line feed after a chunk size", chunks("3\nabc\r\n0\r\n\r\n"), 400},
    {"bare line feed after a chunk", chunks("3\r\nabc\n0\r\n\r\n"), 400},
    {"bare line feed in a chunk extension", chunks("3;a\nb\r\nabc\r\n0\r\n\r\n"), 400},
    {"endless chunk extension", chunks("3;" + std::string(100'000, 'x')), 400},
    {"extension on every chunk", chunks(repeated("1;abcdefgh\r\nx\r\n", 900)), 400},
    {"endless trailers", chunks("0\r\n" + repeated("X: y\r\n", 10'000)), 431},
    {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"HTTP/3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
    {"HTTP/0.9", "GET /\r\n\r\n", 400},
    {"for another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"absolute without Host", "GET http://a/ HTTP/1.1\r\n\r\n", 400},
    {"with a user", "GET http://a@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"two empty lines", "\r\n\r\n" + get("/"), 400},
    {"a bare line feed first", "\n" + get("/"), 400},
    {"a bare carriage return first", "\r" + get("/"), 400},
    {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
    {"unknown expectation", with("Expect: a miracle\r\nContent-Length: 3\r\n"), 417},
    {"not ASCII in the URL", "GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
};

TEST(HostileHttp, IsAnsweredAndClosed) {
  TestServer server(sample_routes());
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    RawClient client = server.client();
    // What follows must never be taken for a request.
    client.send(each.bytes + get("/smuggled"));
    client.finish_sending();
    const auto response = client.read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, each.status);
    EXPECT_EQ(response->header("Connection"), "close");
    EXPECT_TRUE(response->header("X-Request-ID"));
    EXPECT_THAT(response->body, testing::StartsWith("{\"error\":{\"message\":\""));
    EXPECT_EQ(client.read_until_closed(), "") << "nothing comes after the refusal";
  }
  EXPECT_EQ(server.client().exchange(get("/"))->body, "fine");
}

TEST(HostileHttp, GarbageBehindAGoodRequestEndsOnlyWhatFollows) {
  TestServer server(sample_routes());
  RawClient client = server.client();
  client.send(get("/") + get("/") + "garbage\r\n\r\n" + get("/"));
  EXPECT_EQ(client.read()->status, 200);
  EXPECT_EQ(client.read()->status, 200);
  EXPECT_EQ(client.read()->status, 400);
  client.finish_sending();
  EXPECT_EQ(client.read_until_closed(), "");
}

// A client that goes on sending for a while must still find the answer, not a reset.
TEST(HostileHttp, TheRefusalReachesAClientThatKeepsSending) {
  TestServer server(sample_routes());
  RawClient client = server.client();
  client.send(with("Content-Length: 4000000\r\n"));
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(client.send(std::string(100'000, 'x')));
  client.finish_sending();
  EXPECT_EQ(client.read()->status, 413);
}

TEST(HostileHttp, ResetsAtAnyMomentDoNoHarm) {
  TestServer server(sample_routes());
  const std::string request = with("Content-Length: 3\r\n", "abc");
  for (std::size_t length = 0; length <= request.size(); ++length) {
    RawClient client = server.client();
    client.send(request.substr(0, length));
    client.reset();
  }
  EXPECT_EQ(server.client().exchange(get("/"))->body, "fine");
}

// Holds every file descriptor that the process may have.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &usual_);
    const rlimit low{std::min<rlim_t>(256, usual_.rlim_cur), usual_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    for (int fd; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) held_.push_back(fd);
  }
  ~NoDescriptors() {
    for (const int fd : held_) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &usual_);
  }
  void free_one() {
    ::close(held_.back());
    held_.pop_back();
  }

 private:
  rlimit usual_{};
  std::vector<int> held_;
};

TEST(HostileHttp, OutOfDescriptorsItAcceptsLater) {
  TestServer server(sample_routes());
  const auto accept_failed = [&] {
    return server.metrics.render().find("reason=\"accept_error\"} 0\n") == std::string::npos;
  };
  // Also because UBSan looks at a type for the first time through a pipe, which takes descriptors.
  ASSERT_FALSE(accept_failed());
  std::optional<NoDescriptors> none(std::in_place);
  none->free_one();
  RawClient client = server.client();
  while (!accept_failed()) std::this_thread::yield();
  none.reset();
  EXPECT_EQ(client.exchange(get("/"))->status, 200);
}

TEST(HostileHttp, OneConnectionTooManyIsClosedAtOnce) {
  auto options = test::test_options();
  options.limits.connections = 3;
  TestServer server(sample_routes(), options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.client());
    ASSERT_EQ(clients.back().exchange(get("/"))->status, 200);
  }
  EXPECT_EQ(server.client().read_until_closed(), "");
  EXPECT_THAT(server.metrics.render(),
              testing::HasSubstr("callboard_http_refused_total{reason=\"connections\"} 1\n"));
  clients.front().send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  clients.front().read_until_closed();
  EXPECT_EQ(server.client().exchange(get("/"))->status, 200) << "a place is free again";
}

}  // namespace
}  // namespace callboard::http
