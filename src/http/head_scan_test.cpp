#include "http/head_scan.hpp"

#include <gtest/gtest.h>

namespace callboard::http {
namespace {

using std::string_literals::operator""s;

std::string with_headers(const std::string& lines) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

// 0: accepted.
int status_of(const std::string& bytes, Head& head) {
  HeadEnd end;
  if (end.find(bytes) != bytes.size()) return end.bare_line_feed() ? 400 : -1;
  const auto refused = scan_head(bytes, {}, head);
  return refused ? refused->status : 0;
}

int status_of(const std::string& bytes) {
  Head head;
  return status_of(bytes, head);
}

struct Case {
  std::string bytes;
  int status;
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    EXPECT_EQ(status_of(each.bytes), each.status) << testing::PrintToString(each.bytes);
  }
}

std::string request(const std::string& line) {
  return line + "\r\nHost: a\r\n\r\n";
}

TEST(HeadScan, RequestLines) {
  expect_all({
      {request("GET / HTTP/1.1"), 0},
      {request("OPTIONS * HTTP/1.1"), 0},
      {request("DELETE /a?b=c&d=%20|{}\" HTTP/1.1"), 0},
      {request("GET / HTTP/1.0"), 0},
      {request("GET  / HTTP/1.1"), 400},
      {request("GET /  HTTP/1.1"), 400},
      {request("GET / HTTP/1.1 "), 400},
      {request(" GET / HTTP/1.1"), 400},
      {request("GET /a b HTTP/1.1"), 400},
      {request("GET\t/ HTTP/1.1"), 400},
      {request("GET /"), 400},
      {request("GET"), 400},
      {request("GET / http/1.1"), 400},
      {request("GET / HTTP/11"), 400},
      {request("GET / HTTP/1.1x"), 400},
      {request("GET / HTTP/1.\xb1"), 400},
      {request("GET * HTTP/1.1"), 400},
      {request("GET a HTTP/1.1"), 400},
      {request("GET /\x80 HTTP/1.1"), 400},
      {request("GET /\x7f HTTP/1.1"), 400},
      {request("GET /a#b HTTP/1.1"), 400},
      {request("GET /\0 HTTP/1.1"s), 400},
      {request("GET /\rx HTTP/1.1"), 400},
      {request("G(T / HTTP/1.1"), 400},
      {request("get / HTTP/1.1"), 501},
      {request("TRACE / HTTP/1.1"), 501},
      {request("CONNECT a:443 HTTP/1.1"), 501},
      {request("GET / HTTP/1.2"), 505},
      {request("GET / HTTP/2.0"), 505},
      {"PRI * HTTP/2.0\r\n\r\n", 505},
      {request("GET /" + std::string(8191, 'a') + " HTTP/1.1"), 0},
      {request("GET /" + std::string(8192, 'a') + " HTTP/1.1"), 414},
  });
}

TEST(HeadScan, TakesAnAbsoluteTargetForItsPath) {
  const std::pair<const char*, const char*> targets[] = {
      {"GET http://a/", "/"},
      {"GET HTTP://A/b?c=http://d/", "/b?c=http://d/"},
      {"GET https://a//b", "//b"},
      {"GET http://a", "/"},
      {"OPTIONS http://a", "*"},
      {"OPTIONS http://a/", "/"},
      {"GET http://a/http://b/", "/http://b/"},
  };
  for (const auto& [line, target] : targets) {
    Head head;
    const std::string bytes = request(std::string(line) + " HTTP/1.1");
    EXPECT_EQ(status_of(bytes, head), 0) << line;
    EXPECT_EQ(head.target, target) << line;
  }
  Head head;
  EXPECT_EQ(status_of("GET http://[::1]:8000/b HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", head), 0);
  const std::string without_host = "GET http://b/c HTTP/1.0\r\n\r\n";
  EXPECT_EQ(status_of(without_host, head), 0);
  EXPECT_EQ(head.target, "/c");
}

TEST(HeadScan, RefusesAbsoluteTargetsThatOthersReadOtherwise) {
  std::vector<Case> cases;
  for (const char* target :
       {"http://b/",      "http://a:80/", "http://a.b/", "http://x@a/", "http://a@b/",
        "http://a:/x@b/", "http://",      "http:///",    "http://:80/", "http:/a/",
        "http:a",         "http//a/",     "ftp://a/",    "://a/",       "http://a?b",
        "http://a?b/c",   "http://a\\b/", "http://a#b",  "http://a b/", "http://[a/",
        "http://a%2f/",   "a://a/",       "xhttp://a/",  "http ://a/",  "http://a,b/",
        "http://"}) {
    cases.push_back({request("GET " + std::string(target) + " HTTP/1.1"), 400});
  }
  cases.push_back({"GET http://a/ HTTP/1.1\r\n\r\n", 400});
  cases.push_back({"GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400});
  cases.push_back({"GET http://a/ HTTP/1.0\r\nHost: b\r\n\r\n", 400});
  cases.push_back({request("GET http://a/" + std::string(8192, 'a') + " HTTP/1.1"), 414});
  expect_all(cases);
}

TEST(HeadScan, HeaderLines) {
  expect_all({
      {with_headers("A: b\r\nC:d\r\nE: \t f \t\r\nG:\r\n"), 0},
      {with_headers("X-Name: \xc3\xa9 caf\xe9\r\n"), 0},
      {with_headers("A:\tb\tc\r\n"), 0},
      {with_headers("A : b\r\n"), 400},
      {with_headers(" A: b\r\n"), 400},
      {with_headers("A: b\r\n c\r\n"), 400},
      {with_headers("A: b\r\n\tc\r\n"), 400},
      {with_headers(": b\r\n"), 400},
      {with_headers("A\r\n"), 400},
      {with_headers("A(: b\r\n"), 400},
      {with_headers("\xc3\xa9: b\r\n"), 400},
      {with_headers("A: b\0c\r\n"s), 400},
      {with_headers("A: a long enough value \x01 and more\r\n"), 400},
      {with_headers("A: a long enough value \x7f and more\r\n"), 400},
      {with_headers("A: b\x0b\r\n"), 400},
      {with_headers("A: b\rc\r\n"), 400},
      {with_headers("A: b\r\r\n"), 400},
      {with_headers("A: b\nB: c\r\n"), 400},
      {"GET / HTTP/1.1\nHost: a\n\n", 400},
  });
}

TEST(HeadScan, Host) {
  const auto host = [](const std::string& value) {
    return "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n";
  };
  expect_all({
      {host("example.com"), 0},
      {host("example.com:8080"), 0},
      {host("[::1]:80"), 0},
      {host("127.0.0.1"), 0},
      {host(""), 400},
      {host("a b"), 400},
      {host("a/b"), 400},
      {host("a@b"), 400},
      {host("a:b"), 400},
      {host("a:1:2"), 400},
      {host("a:123456"), 400},
      {host(":80"), 400},
      {host("[::1"), 400},
      {host("[]"), 400},
      {host("a,b"), 0},
      {host("caf\xe9"), 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.0\r\n\r\n", 0},
      {with_headers("Host: a\r\n"), 400},
      {with_headers("hOST: b\r\n"), 400},
      {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
  });
}

TEST(HeadScan, Framing) {
  expect_all({
      {with_headers("Content-Length: 0\r\n"), 0},
      {with_headers("Content-Length: 18446744073709551615\r\n"), 0},
      {with_headers("Content-Length: 18446744073709551616\r\n"), 400},
      {with_headers("Content-Length: +1\r\n"), 400},
      {with_headers("Content-Length: -1\r\n"), 400},
      {with_headers("Content-Length: 1 1\r\n"), 400},
      {with_headers("Content-Length: 0x1\r\n"), 400},
      {with_headers("Content-Length: 3, 3\r\n"), 400},
      {with_headers("Content-Length:\r\n"), 400},
      {with_headers("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
      {with_headers("Content-Length: 3\r\ncontent-length: 4\r\n"), 400},
      {with_headers("Transfer-Encoding: chunked\r\n"), 0},
      {with_headers("Transfer-Encoding: CHUNKED\r\n"), 0},
      {with_headers("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
      {with_headers("Content-Length: 3\r\nTransfer-Encoding: identity\r\n"), 400},
      {with_headers("Transfer-Encoding: xchunked\r\n"), 501},
      {with_headers("Transfer-Encoding: identity\r\n"), 501},
      {with_headers("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {with_headers("Transfer-Encoding: chunked, chunked\r\n"), 501},
      {with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501},
      {with_headers("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {with_headers("Transfer-Encoding:\r\n"), 501},
      {with_headers("Transfer-Encoding: chunked\x0b\r\n"), 400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {with_headers("Expect: 100-Continue\r\n"), 0},
      {with_headers("Expect: 200-ok\r\n"), 417},
      {with_headers("Connection: a b\r\n"), 400},
      {with_headers("Connection: \"close\"\r\n"), 400},
      {with_headers("Connection: , close,\r\n"), 0},
  });
}

TEST(HeadScan, Limits) {
  std::string many;
  for (int i = 0; i < 99; ++i) many += "A: b\r\n";
  EXPECT_EQ(status_of(with_headers(many)), 0);
  EXPECT_EQ(status_of(with_headers(many + "A: b\r\n")), 431);
  const std::size_t rest = with_headers("A: \r\n").size();
  EXPECT_EQ(status_of(with_headers("A: " + std::string(16 * 1024 - rest, 'x') + "\r\n")), 0);
  EXPECT_EQ(status_of(with_headers("A: " + std::string(16 * 1024 - rest + 1, 'x') + "\r\n")), 431);
}

TEST(HeadScan, WhatItReturns) {
  Head head;
  const std::string post =
      "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n"
      "X-Spaced: \t a b \t\r\nExpect: 100-continue\r\n\r\n";
  ASSERT_EQ(status_of(post, head), 0);
  EXPECT_EQ(head.method, Method::post);
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.content_length, 12);
  EXPECT_FALSE(head.chunked);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expects_continue);
  ASSERT_EQ(head.headers.size(), 4);
  EXPECT_EQ(head.headers[2].name, "X-Spaced");
  EXPECT_EQ(head.headers[2].value, "a b");

  ASSERT_EQ(status_of(request("GET / HTTP/1.1"), head), 0);
  EXPECT_EQ(head.headers.size(), 1) << "nothing is left of the one before";
  EXPECT_FALSE(head.content_length);
  EXPECT_FALSE(head.expects_continue);
}

TEST(HeadScan, KeepAlive) {
  const auto kept = [](const std::string& bytes) {
    Head head;
    EXPECT_EQ(status_of(bytes, head), 0);
    return head.keep_alive;
  };
  EXPECT_TRUE(kept(with_headers("Connection: keep-alive\r\n")));
  EXPECT_TRUE(kept(with_headers("Connection: upgrade\r\n")));
  EXPECT_FALSE(kept(with_headers("Connection: Close\r\n")));
  EXPECT_FALSE(kept(with_headers("Connection: keep-alive, close\r\n")));
  EXPECT_FALSE(kept(with_headers("Connection: x ,close ,y\r\n")));
  EXPECT_FALSE(kept("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(kept("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
  EXPECT_FALSE(kept("GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n"));
}

TEST(HeadEnd, IsFoundWhateverThePieces) {
  const std::string bytes = with_headers("A: b\r\n");
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    HeadEnd end;
    EXPECT_EQ(end.find(bytes.substr(0, cut)), std::nullopt);
    EXPECT_EQ(end.find(bytes + "more"), bytes.size());
  }
}

}  // namespace
}  // namespace callboard::http
