#include "bulletins/board_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class BoardReaderTest : public BulletinsTest {
 protected:
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  audience::Users users_{database(), clock(), metrics()};
  Boards boards_{database(), providers_, metrics()};
  BoardReader reader_{boards_, users_, providers_, clock(), default_answer_memo_bytes};
  BoardReader forgetful_{boards_, users_, providers_, clock(), 0};

  void set_age(const std::string& user, int age) {
    std::promise<void> done;
    users_.merge(std::string(test_app), user, {{"age", age}},
                 [&](std::exception_ptr, const auto&) { done.set_value(); });
    done.get_future().get();
  }
  // The answer, which must be the same whether it was remembered or not.
  http::Response ask(const std::string& user, const http::Request& request = {},
                     std::vector<std::string> categories = {},
                     audience::Attributes overrides = {}) {
    const Question question{test_app, user, &request, overrides, categories};
    http::Response response;
    reader_.answer_blocking(question, response);
    // The second time at the latest, the first reader remembers.
    for (BoardReader* reader : {&reader_, &reader_, &forgetful_}) {
      http::Response again;
      EXPECT_TRUE(reader->answer_from_memory(question, again));
      again.keep_what_was_lent();
      EXPECT_EQ(response.status, again.status);
      EXPECT_EQ(response.body, again.body);
      EXPECT_EQ(response.header_lines(), again.header_lines());
    }
    return response;
  }
  void reload() {
    const auto revision =
        database().get([](db::Transaction& t) { return board_revision(t, test_app); });
    std::promise<void> reached;
    boards_.when_at_least(test_app, revision, [&](bool) { reached.set_value(); });
    reached.get_future().get();
  }
};
INSTANTIATE_STORE_TESTS(BoardReaderTest);

std::string etag_of(const http::Response& response) {
  const std::string& lines = response.header_lines();
  const auto start = lines.find("ETag: ") + 6;
  return lines.substr(start, lines.find("\r\n", start) - start);
}

TEST_P(BoardReaderTest, CountsWhatItServes) {
  add(draft_named("everybody"));
  add(draft_for_under(10, "children"));
  set_age("ann", 9);
  const auto served = [&](std::int64_t id) { return boards_.served().unwritten(test_app, id); };
  http::Request request;
  http::Response loaded, made, remembered, known;
  const Question question{test_app, "ann", &request};
  reader_.answer_blocking(question, loaded);
  reader_.answer_blocking({test_app, "bob", &request}, made);
  EXPECT_EQ(served(1), 2u);
  EXPECT_EQ(served(2), 1u);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(reader_.answer_from_memory(question, remembered));
  EXPECT_EQ(served(2), 4u);
  const std::string tag = etag_of(loaded);
  const http::Header header{"If-None-Match", tag};
  request.headers = {&header, 1};
  EXPECT_TRUE(reader_.answer_from_memory(question, known));
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(served(2), 4u) << "what the client has is not served";
}

TEST_P(BoardReaderTest, AnswersFromMemoryOnlyWhatIsThere) {
  http::Request request;
  http::Response response;
  const Question question{test_app, "ann", &request};
  EXPECT_FALSE(reader_.answer_from_memory(question, response)) << "no board";
  boards_.get(test_app);
  EXPECT_FALSE(reader_.answer_from_memory(question, response)) << "no user";
  users_.load(test_app, "ann");
  EXPECT_TRUE(reader_.answer_from_memory(question, response));
  EXPECT_EQ(response.content(), R"({"bulletin_board":[]})");
}

TEST_P(BoardReaderTest, EachUserSeesTheirOwn) {
  add(draft_for_under(10, "for children"));
  add(draft_named("for all"));
  set_age("kid", 9);
  set_age("old", 90);
  EXPECT_EQ(ask("kid").body,
            R"({"bulletin_board":[{"name":"for all","category":"default","body":"some body",)"
            R"("id":2,"priority":0},{"name":"for children","category":"default",)"
            R"("body":"some body","id":1,"priority":0}]})");
  EXPECT_THAT(ask("old").body, Not(HasSubstr("for children")));
  EXPECT_THAT(ask("nobody").body, Not(HasSubstr("for children")));
}

TEST_P(BoardReaderTest, FollowsTheUsersAttributes) {
  add(draft_for_under(10, "for children"));
  set_age("ann", 9);
  EXPECT_THAT(ask("ann").body, HasSubstr("for children"));
  set_age("ann", 10);
  EXPECT_THAT(ask("ann").body, Not(HasSubstr("for children")));
}

TEST_P(BoardReaderTest, FollowsTheBoard) {
  add(draft_named("a"));
  const std::string before = etag_of(ask("ann"));
  add(draft_named("b"));
  reload();
  const http::Response after = ask("ann");
  EXPECT_THAT(after.body, HasSubstr("\"b\""));
  EXPECT_NE(etag_of(after), before);
  EXPECT_THAT(after.header_lines(), HasSubstr("X-Board-Revision: 2\r\n"));
}

TEST_P(BoardReaderTest, FollowsTheContextHeaders) {
  Draft draft = draft_named("for iOS");
  draft.condition = parse_json(
      R"({"logic":"&&","conditions":[
          {"variable":"device_info","logic":"==","target":"ios","target_type":"string"}]})");
  add(draft);
  const http::Header ios[] = {{"x-device-info", "ios"}}, web[] = {{"X-Device-Info", "web"}};
  http::Request request;
  request.headers = ios;
  EXPECT_THAT(ask("ann", request).body, HasSubstr("for iOS"));
  request.headers = web;
  EXPECT_THAT(ask("ann", request).body, Not(HasSubstr("for iOS")));
  EXPECT_THAT(ask("ann").body, Not(HasSubstr("for iOS")));
}

TEST_P(BoardReaderTest, AWindowOpensAndClosesAtTheExactSecond) {
  Draft draft = draft_named("a");
  draft.start_unix_s = unix_seconds(clock().now()) + 10;
  draft.end_unix_s = draft.start_unix_s + 10;
  add(draft);
  const auto is_shown = [&] { return ask("ann").body.find("\"a\"") != std::string::npos; };
  EXPECT_FALSE(is_shown());
  clock().advance(9999ms);
  EXPECT_FALSE(is_shown());
  clock().advance(1ms);
  EXPECT_TRUE(is_shown());
  clock().advance(9999ms);
  EXPECT_TRUE(is_shown());
  clock().advance(1ms);
  EXPECT_FALSE(is_shown());
}

TEST_P(BoardReaderTest, FiltersByCategoryAndTakesOverrides) {
  Draft sale = draft_for_under(10, "sale");
  sale.category = "sale";
  add(sale);
  add(draft_named("news"));
  set_age("ann", 50);
  EXPECT_THAT(ask("ann", {}, {"sale"}).body, Not(HasSubstr("news")));
  EXPECT_THAT(ask("ann", {}, {"sale", "default"}).body, HasSubstr("news"));
  EXPECT_THAT(ask("ann", {}, {}, {{"age", conditions::Value(9)}}).body, HasSubstr("sale"));
  EXPECT_THAT(ask("ann").body, Not(HasSubstr("sale"))) << "an override is for one question only";
}

TEST_P(BoardReaderTest, AnswersNotModifiedToWhoHasIt) {
  add(draft_named("a"));
  const http::Response full = ask("ann");
  const std::string etag = etag_of(full);
  EXPECT_THAT(etag, testing::MatchesRegex("W/\"[0-9a-f]{16}\""));
  const http::Header known[] = {{"If-None-Match", etag}};
  http::Request request;
  request.headers = known;
  const http::Response response = ask("ann", request);
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(etag_of(response), etag);
  EXPECT_THAT(response.header_lines(), HasSubstr("Cache-Control: private, no-cache\r\n"));
}

TEST_P(BoardReaderTest, TheEntityTagIsThatOfTheIdsAndRevisions) {
  add(draft_named("a"));
  const std::string first = etag_of(ask("ann"));
  EXPECT_EQ(etag_of(ask("bob")), first) << "the same bulletins, whoever asks";
  execute("UPDATE bulletins SET revision = 2");
  execute("UPDATE boards SET revision = 2");
  reload();
  EXPECT_NE(etag_of(ask("ann")), first);
}

}  // namespace
}  // namespace callboard::bulletins
