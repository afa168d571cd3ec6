#include "bulletins/boards.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/error.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

class BoardsTest : public BulletinsTest {
 protected:
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  Boards boards_{database(), providers_, metrics()};

  // Whether it was reached; waits for the loader.
  bool wait_for(std::int64_t revision, std::string_view app = test_app) {
    std::promise<bool> reached;
    boards_.when_at_least(app, revision, [&](bool yes) { reached.set_value(yes); });
    return reached.get_future().get();
  }
  std::uint64_t total(const char* name) { return metrics().counter(name, "").total(); }
};
INSTANTIATE_STORE_TESTS(BoardsTest);

TEST_P(BoardsTest, AColdBoardIsNotThereUntilSomebodyLoadsIt) {
  EXPECT_EQ(boards_.current(test_app), nullptr);
  add(draft_named("a"));
  EXPECT_EQ(boards_.current(test_app), nullptr) << "nobody has asked for it yet";
  const auto board = boards_.get(test_app);
  EXPECT_EQ(board->revision(), 1);
  EXPECT_EQ(boards_.current(test_app), board.get());
  ASSERT_EQ(board->posts().size(), 1u);
  EXPECT_EQ(board->posts()[0]->fragment,
            R"({"name":"a","category":"default","body":"some body","id":1,"priority":0})");
}

TEST_P(BoardsTest, AnApplicationWithoutBulletinsHasAnEmptyBoard) {
  EXPECT_EQ(boards_.get(test_app)->revision(), 0);
  EXPECT_TRUE(boards_.get(test_app)->posts().empty());
}

TEST_P(BoardsTest, ManyWhoAskForAColdBoardShareOneLoad) {
  std::vector<std::future<std::shared_ptr<const Board>>> readers;
  for (int i = 0; i < 16; ++i) {
    readers.push_back(std::async(std::launch::async, [&] { return boards_.get(test_app); }));
  }
  for (auto& reader : readers) reader.get();
  EXPECT_EQ(total("callboard_board_reloads_total"), 1u);
}

TEST_P(BoardsTest, IsBoundAnewWhenTheSettingsChange) {
  add(draft_for_under(10, "a"));
  const auto serial = boards_.get(test_app)->serial();
  audience::AppSettings settings;
  settings.name = "demo";
  settings.attributes = {{"age", "number", ""}};
  write([&](db::Transaction& transaction) {
    audience::update_settings(transaction, test_app, settings, clock().now());
  });
  while (boards_.current(test_app)->serial() == serial) std::this_thread::yield();
  EXPECT_EQ(boards_.current(test_app)->revision(), 1);
  EXPECT_EQ(boards_.current(test_app)->posts().size(), 1u);
}

TEST_P(BoardsTest, FollowsWritesAndKeepsWhatDidNotChange) {
  add(draft_named("a"));
  const auto before = boards_.get(test_app);
  add(draft_named("b"));
  ASSERT_TRUE(wait_for(2));
  const auto after = boards_.get(test_app);
  EXPECT_EQ(after->revision(), 2);
  EXPECT_EQ(boards_.current(test_app), after.get());
  EXPECT_NE(after->serial(), before->serial());
  ASSERT_EQ(after->posts().size(), 2u);
  EXPECT_EQ(after->posts()[1], before->posts()[0]) << "the same object, not compiled again";
}

TEST_P(BoardsTest, LeavesOutDisabledAndDeletedBulletins) {
  Draft disabled = draft_named("a");
  disabled.enabled = false;
  add(disabled);
  add(draft_named("b"));
  erase(2);
  EXPECT_TRUE(boards_.get(test_app)->posts().empty());
}

TEST_P(BoardsTest, NoticesAWriteThatWasNotAnnounced) {
  add(draft_named("a"));
  boards_.get(test_app);
  execute("UPDATE bulletins SET name = 'changed', revision = 2");
  execute("UPDATE boards SET revision = 2");
  ASSERT_TRUE(wait_for(2)) << "the comparison of revisions comes by itself";
  EXPECT_THAT(boards_.get(test_app)->posts()[0]->fragment, testing::HasSubstr("changed"));
}

TEST_P(BoardsTest, ABadRowIsLeftOutAndCounted) {
  add(draft_named("good"));
  add(draft_named("bad"));
  execute("UPDATE bulletins SET condition = '{\"logic\":\"?\"}' WHERE name = 'bad'");
  const auto board = boards_.get(test_app);
  ASSERT_EQ(board->posts().size(), 1u);
  EXPECT_EQ(board->posts()[0]->id, 1);
  EXPECT_EQ(total("callboard_board_bad_rows_total"), 1u);
}

TEST_P(BoardsTest, AFailedReloadKeepsTheLastGoodBoard) {
  add(draft_named("a"));
  boards_.get(test_app);
  execute("ALTER TABLE bulletins RENAME TO hidden");
  execute("UPDATE boards SET revision = 2");
  EXPECT_FALSE(wait_for(2));
  EXPECT_EQ(boards_.current(test_app)->revision(), 1);
  ASSERT_EQ(boards_.failures().size(), 1u);
  EXPECT_EQ(boards_.failures()[0].first, test_app);
  EXPECT_GE(total("callboard_board_reload_failures_total"), 1u);

  execute("ALTER TABLE hidden RENAME TO bulletins");
  EXPECT_TRUE(wait_for(2)) << "it recovers by itself";
  EXPECT_TRUE(boards_.failures().empty());
}

TEST_P(BoardsTest, AColdBoardThatCantBeLoadedIsUnavailable) {
  execute("ALTER TABLE bulletins RENAME TO hidden");
  try {
    boards_.get(test_app);
    FAIL() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
  }
  execute("ALTER TABLE hidden RENAME TO bulletins");
  EXPECT_EQ(boards_.get(test_app)->revision(), 0);
}

TEST_P(BoardsTest, KnowsTheNextMomentAtWhichAnAnswerCanChange) {
  const std::int64_t now = unix_seconds(clock().now());
  Draft draft = draft_named("a");
  draft.start_unix_s = now + 10;
  draft.end_unix_s = now + 20;
  add(draft);
  Draft timed = draft_named("b");
  timed.condition =
      parse_json(R"({"logic":"&&","conditions":[{"variable":"now","logic":">=","target":)" +
                 std::to_string(now + 15) + R"(,"target_type":"datetime"}]})");
  add(timed);
  const auto board = boards_.get(test_app);
  const auto next_after = [&](std::int64_t second) {
    return unix_seconds(board->next_edge_after(Timestamp{std::chrono::seconds{second}})) - now;
  };
  EXPECT_EQ(next_after(now), 10);
  EXPECT_EQ(next_after(now + 10), 15);
  EXPECT_EQ(next_after(now + 16), 20);
  EXPECT_EQ(board->next_edge_after(Timestamp{std::chrono::seconds{now + 20}}), Timestamp::max());
}

TEST_P(BoardsTest, ShuttingDownTurnsWaitersAway) {
  std::promise<bool> reached;
  {
    Boards short_lived(database(), providers_, metrics());
    short_lived.when_at_least(test_app, 99, [&](bool yes) { reached.set_value(yes); });
  }
  EXPECT_FALSE(reached.get_future().get());
}

}  // namespace
}  // namespace callboard::bulletins
