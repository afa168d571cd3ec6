// The server over a real socket: what a well-behaved client sees.

#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

using test::get;
using test::RawClient;
using test::TestServer;
using testing::HasSubstr;
using testing::StartsWith;

Response echo(const Request& request) {
  Response response;
  response.body = std::string(name_of(request.method)) + " " + std::string(request.target) + " " +
                  std::string(request.parameters[0]) + " " + std::string(request.body);
  response.content_type("text/plain");
  return response;
}

void echo_now(const Request& request, Response& response) {
  response = echo(request);
}

Route route(Method method, std::string path, Handler handler,
            std::size_t max_body = default_max_body) {
  return {method, std::move(path), Access::anyone, Surface::app, std::move(handler), max_body};
}

Routes sample_routes() {
  return {
      route(Method::get, "/now", immediate(echo_now)),
      route(Method::post, "/now", immediate(echo_now), 1000),
      route(Method::get, "/pool", blocking(echo)),
      route(Method::post, "/pool", blocking(echo), 1000),
      route(Method::get, "/user/{user_id}/board", immediate(echo_now)),
      route(Method::get, "/nothing",
            immediate([](const Request&, Response& response) { response.status = 204; })),
      route(Method::get, "/json",
            immediate([](const Request&, Response& response) { response.body = "{}"; })),
      route(Method::get, "/who", immediate([](const Request& request, Response& response) {
              response.body = std::string(request.peer) + (request.secure ? " https " : " http ") +
                              std::string(request.id);
            })),
      route(Method::get, "/invalid", immediate([](const Request&, Response&) {
              throw Error(ErrorCode::invalid, "user_id is empty");
            })),
      route(Method::get, "/pool-invalid", blocking([](const Request&) -> Response {
              throw Error(ErrorCode::invalid, "user_id is empty");
            })),
      route(Method::get, "/never-answered", immediate([](const Request&, Response& response) {
              response.body = "a whole body";
              response.ending = Ending::before_it_begins;
            })),
      route(Method::get, "/half-answered", blocking([](const Request&) {
              Response response = json_response("a whole body");
              response.ending = Ending::within_its_body;
              return response;
            })),
      route(Method::get, "/bug",
            blocking([](const Request&) -> Response { throw std::runtime_error("secret"); })),
  };
}

class ServerTest : public testing::Test {
 protected:
  TestServer server_{sample_routes()};
  RawClient client_ = server_.client();
};

// Signatures cover the target as it was sent, so a proxy had better leave it alone.
TEST(ServerBasePath, MayStandBeforeEveryPath) {
  http::ServerOptions options = test::test_options();
  options.base_path = "/callboard";
  test::TestServer server(sample_routes(), options);
  auto client = server.client();
  EXPECT_EQ(client.exchange(get("/callboard/user/u/board"))->body,
            "GET /callboard/user/u/board u ");
  EXPECT_EQ(client.exchange(get("/now"))->body, "GET /now  ");
  for (const auto* path :
       {"/callboardnow", "/callboard", "/other/now", "/callboard/callboard/now"}) {
    EXPECT_EQ(client.exchange(get(path))->status, 404) << path;
  }
}

TEST_F(ServerTest, AnswersFromMemoryAndFromThePool) {
  for (const char* path : {"/now", "/pool"}) {
    const auto response = client_.exchange(get(std::string(path) + "?a=b"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "GET " + std::string(path) + "?a=b  ");
    EXPECT_EQ(response->header("Content-Type"), "text/plain");
    EXPECT_EQ(response->header("Date"), "Tue, 14 Nov 2023 22:13:20 GMT");
    EXPECT_EQ(response->header("Connection"), std::nullopt);
    EXPECT_TRUE(response->header("X-Request-ID"));
  }
}

TEST_F(ServerTest, TheDateFollowsTheClock) {
  client_.exchange(get("/now"));
  server_.clock.advance(std::chrono::milliseconds{1500});
  EXPECT_EQ(client_.exchange(get("/now"))->header("Date"), "Tue, 14 Nov 2023 22:13:21 GMT");
}

TEST_F(ServerTest, HandsOverPathParameters) {
  EXPECT_EQ(client_.exchange(get("/user/a%20b/board"))->body, "GET /user/a%20b/board a%20b ");
  EXPECT_EQ(client_.exchange(get("/user//board"))->body, "GET /user//board  ");
}

TEST_F(ServerTest, JsonIsTheDefaultType) {
  EXPECT_EQ(client_.exchange(get("/json"))->header("Content-Type"), "application/json");
}

TEST_F(ServerTest, LeavesTheBodyOutForHeadAndNoContent) {
  const auto head = client_.exchange("HEAD /now HTTP/1.1\r\nHost: a\r\n\r\n", true);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("Content-Length"), std::to_string(std::string("HEAD /now  ").size()));
  const auto nothing = client_.exchange(get("/nothing"));
  EXPECT_EQ(nothing->status, 204);
  EXPECT_EQ(nothing->header("Content-Length"), std::nullopt);
  EXPECT_EQ(client_.exchange(get("/now"))->status, 200) << "still in step";
}

TEST_F(ServerTest, UnknownPathsAndMethodsKeepTheConnection) {
  const auto nowhere = client_.exchange(get("/nowhere"));
  EXPECT_EQ(nowhere->status, 404);
  EXPECT_THAT(nowhere->body, HasSubstr("\"not_found(no such path)\""));
  const auto wrong =
      client_.exchange("PUT /now HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(wrong->status, 405);
  EXPECT_EQ(wrong->header("Allow"), "GET, HEAD, POST, OPTIONS");
  const auto options = client_.exchange("OPTIONS /now HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(options->status, 204);
  EXPECT_EQ(options->header("Allow"), "GET, HEAD, POST, OPTIONS");
  const auto all = client_.exchange("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(all->status, 204);
  EXPECT_EQ(all->header("Allow"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  EXPECT_EQ(client_.exchange("OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n")->status, 404);
  EXPECT_EQ(client_.exchange(get("/now"))->status, 200);
}

TEST_F(ServerTest, TranslatesWhatIsThrown) {
  for (const char* path : {"/invalid", "/pool-invalid"}) {
    const auto response = client_.exchange(get(path));
    EXPECT_EQ(response->status, 400);
    EXPECT_THAT(response->body, HasSubstr("\"invalid_parameter(user_id is empty)\""));
  }
  const auto bug = client_.exchange(get("/bug"));
  EXPECT_EQ(bug->status, 500);
  EXPECT_THAT(bug->body, HasSubstr(*bug->header("X-Request-ID")));
  EXPECT_THAT(bug->body, testing::Not(HasSubstr("secret")));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  for (const int count : {1, 2, 7, 50}) {
    std::string requests;
    for (int i = 0; i < count; ++i) {
      requests += get((i % 3 == 0 ? "/pool?" : "/now?") + std::to_string(i));
    }
    ASSERT_TRUE(client_.send(requests));
    for (int i = 0; i < count; ++i) {
      const auto response = client_.read();
      ASSERT_TRUE(response);
      EXPECT_THAT(response->body, HasSubstr("?" + std::to_string(i) + " "));
    }
  }
}

TEST_F(ServerTest, AnswersRequestsSplitAtEveryByte) {
  const std::string first = "POST /pool HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  const std::string second =
      "POST /now HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n";
  const std::string both = first + second;
  for (std::size_t cut = 1; cut < both.size(); ++cut) {
    ASSERT_TRUE(client_.send(both.substr(0, cut)));
    // Proves that the server has read the first part, where it answers that.
    if (cut == first.size()) {
      ASSERT_EQ(client_.read()->body, "POST /pool  abc");
    }
    ASSERT_TRUE(client_.send(both.substr(cut)));
    if (cut != first.size()) {
      ASSERT_EQ(client_.read()->body, "POST /pool  abc") << cut;
    }
    ASSERT_EQ(client_.read()->body, "POST /now  def") << cut;
  }
}

TEST_F(ServerTest, TakesBodiesUpToTheRoutesLimit) {
  const auto post = [](std::size_t size) {
    return "POST /pool HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) +
           "\r\n\r\n" + std::string(size, 'x');
  };
  EXPECT_EQ(client_.exchange(post(1000))->status, 200);
  const auto refused = client_.exchange(post(1001));
  EXPECT_EQ(refused->status, 413);
  EXPECT_EQ(refused->header("Connection"), "close");
  client_.read_until_closed();
}

TEST_F(ServerTest, ContinuesOnlyWhereItWantsTheBody) {
  const std::string head = "POST /now HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
  client_.send(head + "Content-Length: 3\r\n\r\n");
  EXPECT_EQ(client_.read()->status, 100);
  EXPECT_EQ(client_.exchange("abc")->body, "POST /now  abc");
  EXPECT_EQ(client_.exchange(head + "Content-Length: 3\r\n\r\nabc")->status, 200);
  EXPECT_EQ(client_.exchange(head + "Content-Length: 0\r\n\r\n")->status, 200);
  EXPECT_EQ(client_.exchange(head + "Content-Length: 1001\r\n\r\n")->status, 413);

  RawClient lost = server_.client();
  const auto nowhere = lost.exchange(
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(nowhere->status, 404);
  EXPECT_EQ(nowhere->header("Connection"), "close");
}

TEST_F(ServerTest, ClosesWhenAskedTo) {
  const auto response =
      client_.exchange("GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(response->header("Connection"), "close");
  EXPECT_EQ(client_.read_until_closed(), "");
}

TEST_F(ServerTest, SpeaksHttp10) {
  const auto kept = client_.exchange("GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept->header("Connection"), "keep-alive");
  const auto closed = client_.exchange("GET /now HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closed->header("Connection"), "close");
  EXPECT_EQ(client_.read_until_closed(), "");
}

TEST_F(ServerTest, AnswersAClientThatHasFinishedSending) {
  client_.send(get("/pool") + get("/now"));
  client_.finish_sending();
  EXPECT_EQ(client_.read()->status, 200);
  EXPECT_EQ(client_.read()->status, 200);
  EXPECT_EQ(client_.read_until_closed(), "");
}

TEST_F(ServerTest, KeepsARequestIdOrMakesOne) {
  const auto id_of = [&](const std::string& sent) {
    const auto response =
        client_.exchange("GET /who HTTP/1.1\r\nHost: a\r\nX-Request-ID: " + sent + "\r\n\r\n");
    EXPECT_THAT(response->body, testing::EndsWith(*response->header("X-Request-ID")));
    return *response->header("X-Request-ID");
  };
  EXPECT_EQ(id_of("Ab_1.-x"), "Ab_1.-x");
  EXPECT_EQ(id_of(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_NE(id_of(std::string(65, 'a')), std::string(65, 'a'));
  EXPECT_NE(id_of("a b"), "a b");
  EXPECT_NE(id_of(""), "");
  EXPECT_NE(id_of(""), id_of(""));
}

TEST_F(ServerTest, ForwardedHeadersOfStrangersDoNotCount) {
  const auto response = client_.exchange(
      "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\n"
      "X-Forwarded-Proto: https\r\n\r\n");
  EXPECT_THAT(response->body, StartsWith("127.0.0.1 http "));
}

TEST(Server, BelievesItsProxies) {
  auto options = test::test_options();
  options.trusted_proxies = {"127.0.0.0/8"};
  TestServer server(sample_routes(), options);
  const auto response = server.client().exchange(
      "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9, 1.1.1.1\r\n"
      "X-Forwarded-Proto: https\r\n\r\n");
  EXPECT_THAT(response->body, StartsWith("1.1.1.1 https "));
}

TEST_F(ServerTest, CountsWhatItAnswers) {
  client_.exchange(get("/now"));
  client_.exchange(get("/invalid"));
  client_.exchange(get("/nowhere"));
  const std::string page = server_.metrics.render();
  for (const char* line :
       {"callboard_http_requests_total{route=\"GET /now\",status=\"2xx\"} 1\n",
        "callboard_http_requests_total{route=\"GET /invalid\",status=\"4xx\"} 1\n",
        "callboard_http_requests_total{route=\"(none)\",status=\"4xx\"} 1\n",
        "callboard_http_request_seconds_count{route=\"GET /now\"} 1\n",
        "callboard_http_connections 1\n"}) {
    EXPECT_THAT(page, HasSubstr(line));
  }
}

TEST(Server, RefusesBadOptions) {
  Metrics metrics;
  WorkPool pool(1, 1, metrics);
  SystemClock clock;
  test::OpenGate gate;
  auto options = test::test_options();
  options.address = "localhost";
  EXPECT_THROW(Server(options, {}, gate, pool, clock, metrics), Error);
  options.address = "192.0.2.1";  // reserved for documentation: nobody's own
  Server elsewhere(options, {}, gate, pool, clock, metrics);
  EXPECT_THROW(elsewhere.start(), Error);
  const TestServer first(sample_routes());
  options = test::test_options();
  options.port = first.server->port();
  Server second(options, {}, gate, pool, clock, metrics);
  EXPECT_THROW(second.start(), Error) << "the port is taken";
}

TEST_F(ServerTest, MayPlayOneThatFails) {
  client_.send(get("/now") + get("/never-answered") + get("/now"));
  EXPECT_EQ(client_.read()->status, 200);
  EXPECT_EQ(client_.read_until_closed(), "");
  RawClient other = server_.client();
  other.send(get("/half-answered") + get("/now"));
  const std::string answer = other.read_until_closed();
  EXPECT_THAT(answer, HasSubstr("Content-Length: 12\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\na whol"));
  EXPECT_EQ(server_.client().exchange(get("/now"))->status, 200) << "only those were harmed";
}

}  // namespace
}  // namespace callboard::http
