#include "quizzes/tally_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "tests/support/quizzes.hpp"

namespace callboard::quizzes {
namespace {

class TallyWriterTest : public QuizzesTest {
 protected:
  std::future<std::string> add(TallyWriter& writer, Increment increment) {
    auto promise = std::make_shared<std::promise<std::string>>();
    writer.add(std::move(increment),
               [promise](const Outcome& outcome) { promise->set_value(text_of(outcome)); });
    return promise->get_future();
  }
  std::uint64_t batches() { return metrics().counter("callboard_quiz_batches_total", "").total(); }
};
INSTANTIATE_STORE_TESTS(TallyWriterTest);

// Keeps every increment from being written for as long as it lives: it holds what they need.
class HeldQuiz {
 public:
  HeldQuiz(db::Database& database, const std::string& quiz) {
    std::promise<void> held;
    database.write(
        [&held, quiz, released = released_.get_future().share()](db::Transaction& transaction) {
          lock_quiz(transaction, test_app, quiz);
          held.set_value();
          released.wait();
        },
        nullptr);
    held.get_future().wait();
  }
  HeldQuiz(const HeldQuiz&) = delete;
  HeldQuiz& operator=(const HeldQuiz&) = delete;
  ~HeldQuiz() { release(); }
  void release() {
    if (!std::exchange(is_released_, true)) released_.set_value();
  }

 private:
  std::promise<void> released_;
  bool is_released_ = false;
};

TEST_P(TallyWriterTest, WritesWhatGathersMeanwhileTogether) {
  create("q", {"a", "b"});
  TallyWriter writer(database(), clock(), metrics());
  HeldQuiz held(database(), "q");
  std::vector<std::future<std::string>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(add(writer, by(i % 2 == 0 ? "a" : "none")));
  held.release();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].get(), i % 2 == 0 ? "+1" : "not_found");
  }
  EXPECT_EQ(tallies("q"), "a=50 b=0");
  EXPECT_EQ(batches(), 2u) << "the first one's, and all the others'";
}

TEST_P(TallyWriterTest, LosesNothingOfManyThreads) {
  create("q", {"a", "b"});
  create("r", {"a"}, /*one_result_per_user=*/true);
  TallyWriter writer(database(), clock(), metrics());
  TallyWriter another(database(), clock(), metrics());
  std::vector<std::jthread> threads;
  for (int number = 0; number < 16; ++number) {
    threads.emplace_back([&, number] {
      TallyWriter& own = number % 2 == 0 ? writer : another;
      for (int i = 0; i < 25; ++i) {
        EXPECT_EQ(add(own, by(i % 2 == 0 ? "a" : "b")).get(), "+1");
        Increment one = by("a", "ann", "k" + std::to_string(i));
        one.quiz = "r";
        EXPECT_THAT(add(own, one).get(), testing::StartsWith("+"));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(tallies("q"), "a=208 b=192");
  EXPECT_EQ(tallies("r"), "a=1");
}

TEST_P(TallyWriterTest, RefusesWhatIsTooMuch) {
  create("q", {"a"});
  TallyWriter writer(database(), clock(), metrics());
  HeldQuiz held(database(), "q");
  std::vector<std::future<std::string>> answers;
  for (std::size_t i = 0; i < max_waiting_increments + 2; ++i) {
    answers.push_back(add(writer, by("a")));
  }
  EXPECT_EQ(answers.back().get(), "unavailable");
  answers.pop_back();
  held.release();
  for (auto& answer : answers) EXPECT_EQ(answer.get(), "+1");
  EXPECT_EQ(quiz("q").total(), static_cast<std::int64_t>(max_waiting_increments + 1));
}

TEST_P(TallyWriterTest, TellsAllWhenTheDatabaseIsGone) {
  create("q", {"a"});
  TallyWriter writer(database(), clock(), metrics());
  database().stop();
  EXPECT_EQ(add(writer, by("a")).get(), "unavailable");
  EXPECT_EQ(add(writer, by("a")).get(), "unavailable");
}

TEST_P(TallyWriterTest, GoesOnWithoutAnApplicationThatIsDeletedMeanwhile) {
  create("q", {"a"});
  create("q", {"a"}, false, "other");
  TallyWriter writer(database(), clock(), metrics());
  std::promise<void> deleted, released;
  database().write(
      [&](db::Transaction& transaction) {
        audience::delete_application(transaction, test_app);
        deleted.set_value();
        released.get_future().wait();
      },
      nullptr);
  deleted.get_future().wait();
  Increment elsewhere = by("a", "", "k");
  elsewhere.app_id = "other";
  auto lost = add(writer, by("a", "ann", "k"));
  auto kept = add(writer, elsewhere);
  released.set_value();
  EXPECT_EQ(lost.get(), "not_found");
  EXPECT_EQ(kept.get(), "+1");
  EXPECT_EQ(tallies("q", "other"), "a=1");
}

// SQLite has one writer for all.
class TallyWriterBesideOthersTest : public TallyWriterTest {};
INSTANTIATE_POSTGRES_TESTS(TallyWriterBesideOthersTest);

TEST_P(TallyWriterBesideOthersTest, AnApplicationDoesNotWaitForAnothersQuiz) {
  create("q", {"a"});
  create("q", {"a"}, false, "other");
  TallyWriter writer(database(), clock(), metrics());
  HeldQuiz held(database(), "q");
  Increment elsewhere = by("a");
  elsewhere.app_id = "other";
  auto stalled = add(writer, by("a"));
  for (int i = 0; i < 2; ++i) {
    auto counted = add(writer, elsewhere);
    ASSERT_EQ(counted.wait_for(std::chrono::seconds{20}), std::future_status::ready);
    EXPECT_EQ(counted.get(), "+1");
  }
  EXPECT_EQ(stalled.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  held.release();
  EXPECT_EQ(stalled.get(), "+1");
}

TEST_P(TallyWriterBesideOthersTest, AllApplicationsTogetherAreBounded) {
  create("q", {"a"});
  create("q", {"a"}, false, "other");
  TallyWriter writer(database(), clock(), metrics());
  HeldQuiz held(database(), "q");
  std::vector<std::future<std::string>> answers;
  for (std::size_t i = 0; i < max_waiting_increments + 1; ++i) {
    answers.push_back(add(writer, by("a")));
  }
  Increment elsewhere = by("a");
  elsewhere.app_id = "other";
  EXPECT_EQ(add(writer, elsewhere).get(), "unavailable");
  held.release();
  for (auto& answer : answers) EXPECT_EQ(answer.get(), "+1");
  EXPECT_EQ(add(writer, elsewhere).get(), "+1");
}

}  // namespace
}  // namespace callboard::quizzes
