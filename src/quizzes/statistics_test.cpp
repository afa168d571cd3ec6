#include "quizzes/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conditions/value.hpp"
#include "http/event_stream.hpp"
#include "tests/support/quizzes.hpp"
#include "tests/support/routes.hpp"

namespace callboard::quizzes {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class StatisticsTest : public QuizzesTest {
 protected:
  Statistics statistics_{database(), clock(), metrics()};
};
INSTANTIATE_STORE_TESTS(StatisticsTest);

TEST_P(StatisticsTest, HasWhatWasAnsweredBefore) {
  create("q", {"b", "a"});
  EXPECT_EQ(statistics_.from_memory(test_app, "q"), nullptr);
  EXPECT_EQ(statistics_.load(test_app, "q")->body(),
            R"({"total":0,"types":[{"type":"b","count":0,"percent":0.00},)"
            R"({"type":"a","count":0,"percent":0.00}]})");
  EXPECT_NE(statistics_.from_memory(test_app, "q"), nullptr);
  count({by("a"), by("a"), by("b")});
  EXPECT_EQ(statistics_.load(test_app, "q")->body(),
            R"({"total":3,"types":[{"type":"b","count":1,"percent":33.33},)"
            R"({"type":"a","count":2,"percent":66.67}]})");
}

TEST_P(StatisticsTest, FollowsAnotherNode) {
  create("q", {"a"});
  statistics_.load(test_app, "q");
  const auto other = open_another();
  other->write_and_wait([&](db::Transaction& transaction) {
    const std::vector<Increment> increments{by("a")};
    count_all(transaction, increments, clock().now());
  });
  database().poll_changes();
  EXPECT_EQ(statistics_.load(test_app, "q")->quiz()->total(), 1);
}

TEST_P(StatisticsTest, KnowsThatThereIsNone) {
  EXPECT_FALSE(statistics_.load(test_app, "q")->quiz());
  EXPECT_NE(statistics_.from_memory(test_app, "q"), nullptr);
  create("q", {"a"});
  EXPECT_TRUE(statistics_.load(test_app, "q")->quiz());
}

TEST_P(StatisticsTest, AnswersNamesThatSomebodyMadeUpFromMemory) {
  create("q", {"a"});
  EXPECT_FALSE(statistics_.load(test_app, "made-up")->quiz());
  for (const char* name : {"another", "a", "z"}) {
    const auto found = statistics_.from_memory(test_app, name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_FALSE(found->quiz()) << name;
  }
  EXPECT_EQ(statistics_.from_memory(test_app, "q"), nullptr) << "there is one to load";
  EXPECT_EQ(statistics_.from_memory("other", "q"), nullptr) << "not known yet";
  create("another", {"a"});
  EXPECT_TRUE(statistics_.load(test_app, "another")->quiz());
  change([](QuizChanges& changes) { changes.erase("another"); });
  EXPECT_FALSE(statistics_.load(test_app, "another")->quiz());
}

class StatisticsStreamsTest : public StatisticsTest {
 protected:
  StatisticsStreams streams_{
      database(), statistics_, clock(), {.total = 3, .per_app = 2, .per_address = 1}};
  RouteCaller routes_{streams_.table()};

  http::Answer call(const std::string& quiz = "q", const std::string& peer = "192.0.2.1",
                    std::string_view app_id = test_app) {
    http::Caller caller;
    caller.app_id = app_id;
    return routes_.call({.path = "/quizzes/" + quiz + "/statistics/stream",
                         .caller = std::move(caller),
                         .peer = peer});
  }
  static std::string taken(http::EventStream& stream) {
    std::string text;
    return stream.take(text) ? text : text + "END";
  }
};
INSTANTIATE_STORE_TESTS(StatisticsStreamsTest);

TEST_P(StatisticsStreamsTest, BeginWithTheStatisticsAndTellOfChanges) {
  create("q", {"a"});
  statistics_.load(test_app, "q");
  const auto stream = call().response.stream;
  EXPECT_TRUE(routes_.was_from_memory());
  EXPECT_THAT(taken(*stream), HasSubstr("event: statistics\ndata: {\"total\":0,"));
  EXPECT_EQ(streams_.tell_due(), std::nullopt);
  count({by("a")});
  streams_.tell_due();
  EXPECT_THAT(taken(*stream), HasSubstr("{\"total\":1,"));
  count({by("a")});
  count({by("a")});
  EXPECT_EQ(streams_.tell_due(), stream_interval) << "not so soon again";
  EXPECT_EQ(taken(*stream), "");
  clock().advance(stream_interval);
  streams_.tell_due();
  EXPECT_THAT(taken(*stream), HasSubstr("{\"total\":3,"));
}

TEST_P(StatisticsStreamsTest, OfAQuizThatIsNotInMemoryAreToldOnceMore) {
  create("q", {"a"});
  const auto stream = call().response.stream;
  EXPECT_FALSE(routes_.was_from_memory());
  EXPECT_THAT(taken(*stream), HasSubstr("{\"total\":0,"));
  streams_.tell_due();
  EXPECT_THAT(taken(*stream), HasSubstr("{\"total\":0,"));
}

TEST_P(StatisticsStreamsTest, EndWithTheirQuiz) {
  create("q", {"a"});
  auto stream = call().response.stream;
  taken(*stream);
  change([](QuizChanges& changes) { changes.erase("q"); });
  streams_.tell_due();
  EXPECT_THAT(taken(*stream), HasSubstr("END"));
  stream.reset();
  EXPECT_EQ(error_of(call()).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of(call("No")).code(), ErrorCode::not_found);
}

TEST_P(StatisticsStreamsTest, AreBounded) {
  create("q", {"a"});
  auto first = call().response.stream;
  EXPECT_EQ(error_of(call()).code(), ErrorCode::too_many);
  EXPECT_EQ(streams_.open_streams(), 1u);
  first.reset();
  EXPECT_EQ(streams_.open_streams(), 0u);
  EXPECT_EQ(call().error, nullptr);
}

TEST_P(StatisticsStreamsTest, OfOneApplicationLeaveRoomForOthers) {
  create("q", {"a"});
  create("q", {"a"}, false, "other");
  auto first = call("q", "192.0.2.1").response.stream;
  const auto second = call("q", "192.0.2.2").response.stream;
  EXPECT_EQ(error_of(call("q", "192.0.2.3")).code(), ErrorCode::unavailable);
  const auto third = call("q", "192.0.2.3", "other").response.stream;
  EXPECT_EQ(streams_.open_streams(), 3u);
  EXPECT_EQ(error_of(call("q", "192.0.2.4", "other")).code(), ErrorCode::unavailable);
  first.reset();
  EXPECT_EQ(call("q", "192.0.2.4").error, nullptr);
}

TEST_P(StatisticsStreamsTest, OnlyTellOfWhatIsTooLongForAnEvent) {
  std::vector<std::string> types;
  for (int i = 0; i < 200; ++i) types.push_back("a type of some length " + std::to_string(i));
  create("q", types);
  const auto stream = call().response.stream;
  EXPECT_THAT(taken(*stream), HasSubstr("event: changed\ndata: {\"total\":0}\n"));
}

class QuizResultsTest : public QuizzesTest {
 protected:
  std::unique_ptr<audience::DataProvider> provider_ =
      quiz_results_provider(database(), clock(), metrics());

  // As conditions see it; "not in memory".
  std::string seen(std::string_view user_id, bool may_load) {
    audience::Scratch scratch;
    scratch.start(1);
    audience::Subject subject;
    subject.app_id = test_app;
    subject.user = std::make_shared<const audience::User>(std::string(user_id));
    const std::vector<audience::DataProvider::Wanted> wanted{{"quiz_results", 0, 0}};
    if (may_load)
      provider_->fill_blocking(subject, wanted, scratch);
    else if (!provider_->fill(subject, wanted, scratch))
      return "not in memory";
    if (scratch.values()[0] == nullptr) return "missing";
    std::string text;
    for (const conditions::Value& each : scratch.values()[0]->array()) text += each.string() + " ";
    return text;
  }
};
INSTANTIATE_STORE_TESTS(QuizResultsTest);

TEST_P(QuizResultsTest, AreAListThatFollowsWhatIsCounted) {
  create("q", {"a", "b"});
  EXPECT_EQ(seen("", false), "missing");
  EXPECT_EQ(seen("ann", false), "not in memory");
  EXPECT_EQ(seen("ann", true), "");
  EXPECT_EQ(seen("ann", false), "");
  count({by("a", "ann")});
  EXPECT_EQ(seen("ann", false), "not in memory");
  EXPECT_EQ(seen("ann", true), "q/a ");
  change([](QuizChanges& changes) {
    changes.update_type("q", "a", {.type = "x", .title = std::nullopt});
  });
  EXPECT_EQ(seen("ann", true), "q/x ");
  change([](QuizChanges& changes) { changes.reset("q"); });
  EXPECT_EQ(seen("ann", true), "");
}

}  // namespace
}  // namespace callboard::quizzes
