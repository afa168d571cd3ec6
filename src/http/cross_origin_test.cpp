#include "http/cross_origin.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

// Allows one origin, and refuses who asks to be refused.
class OriginGate final : public Gate {
 public:
  bool admit_from_memory(const Route&, Request& request) override {
    if (request.query == "refused") throw Error(ErrorCode::bad_signature, "signature is empty");
    return request.query != "work";
  }
  void admit_blocking(const Route&, Request&) override {}
  bool allows_origin(const Request&, std::string_view origin) override {
    ++asked;
    return origin == "https://fest.example";
  }
  std::atomic<int> asked{0};
};

class CrossOriginTest : public testing::Test {
 protected:
  static Routes routes() {
    const Handler hello = immediate([](const Request&, Response& response) {
      response.body = "{}";
      response.header("ETag", "W/\"1\"");
    });
    return with_preflights({{Method::get, "/bp/board", Access::client, Surface::app, hello},
                            {Method::put, "/bp/board", Access::client, Surface::app, hello},
                            {Method::get, "/api/me", Access::viewer, Surface::console, hello}},
                           "Content-Type, X-App-ID");
  }
  test::RawResponse ask(std::string_view line, std::string_view origin, std::string more = "") {
    std::string text = std::string(line) + " HTTP/1.1\r\nHost: t\r\n";
    if (!origin.empty()) text += "Origin: " + std::string(origin) + "\r\n";
    return server_.client().exchange(text + more + "\r\n").value();
  }

  OriginGate gate_;
  test::TestServer server_{routes(), test::test_options(), &gate_};
  const std::string good_ = "https://fest.example";
  const std::string preflight_ = "Access-Control-Request-Method: PUT\r\n";
};

TEST_F(CrossOriginTest, LetsAnAllowedPageReadAnswersAndErrors) {
  for (const char* target : {"/bp/board", "/bp/board?work", "/bp/board?refused"}) {
    const auto answer = ask("GET " + std::string(target), good_);
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), good_) << target;
    EXPECT_EQ(answer.header("Access-Control-Allow-Credentials"), "true");
    EXPECT_NE(answer.header("Access-Control-Expose-Headers")->find("ETag"), std::string::npos);
    EXPECT_EQ(answer.header("Vary"), "Origin");
  }
  EXPECT_EQ(ask("GET /bp/board?refused", good_).status, 400);
}

TEST_F(CrossOriginTest, SaysNothingToOthers) {
  for (const char* origin : {"https://evil.example", "null", "https://fest.example.evil.example",
                             "http://fest.example", "HTTPS://FEST.EXAMPLE", "*"}) {
    EXPECT_EQ(ask("GET /bp/board", origin).header("Access-Control-Allow-Origin"), std::nullopt);
    EXPECT_EQ(ask("OPTIONS /bp/board", origin, preflight_).header("Access-Control-Allow-Origin"),
              std::nullopt);
  }
}

TEST_F(CrossOriginTest, AsksNobodyWhereThereIsNoOrigin) {
  const auto answer = ask("GET /bp/board", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.head.find("Access-Control"), std::string::npos);
  EXPECT_EQ(gate_.asked, 0);
}

TEST_F(CrossOriginTest, KeepsToTheAppsSurface) {
  EXPECT_EQ(ask("GET /api/me", good_).head.find("Access-Control"), std::string::npos);
  EXPECT_EQ(ask("OPTIONS /api/me", good_, preflight_).head.find("Access-Control"),
            std::string::npos);
}

TEST_F(CrossOriginTest, AnswersPreflights) {
  const auto answer = ask("OPTIONS /bp/board", good_, preflight_);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), good_);
  EXPECT_EQ(answer.header("Access-Control-Allow-Methods"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(answer.header("Access-Control-Allow-Headers"), "Content-Type, X-App-ID");
  EXPECT_EQ(answer.header("Access-Control-Max-Age"), "600");
}

TEST_F(CrossOriginTest, StillAnswersOptionsThatAreNoPreflight) {
  const auto answer = ask("OPTIONS /bp/board", "");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(answer.head.find("Access-Control"), std::string::npos);
}

}  // namespace
}  // namespace callboard::http
