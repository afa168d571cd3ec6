#include "bulletins/board_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "bulletins/bulletin_store.hpp"
#include "bulletins/history.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class BoardChangeTest : public BulletinsTest {
 protected:
  std::vector<audience::RecordedEntry> entries(std::int64_t id, std::string app = "demo") {
    return database().get([&](db::Transaction& t) {
      return history(t, {.workspace_id = "default", .app_id = std::move(app), .bulletin_id = id});
    });
  }
  std::vector<std::string> told(std::int64_t id) {
    std::vector<std::string> lines;
    for (const auto& entry : entries(id)) {
      const auto shown = history_to_json(entry);
      const auto name = [&](const char* side) {
        const auto& value = shown.at(side);
        return value.is_null() ? "-" : std::string(value.at("bulletin_name").as_string());
      };
      lines.push_back(std::string(shown.at("action").as_string()) + " " +
                      to_json_text(shown.at("revision")) + " " + name("before") + " " +
                      name("after"));
    }
    return lines;
  }
  Written rename(std::int64_t id, std::string name) {
    Update update;
    update.id = id;
    update.draft = draft_named(std::move(name));
    return change([&](BoardChange& board) { return board.update(update); });
  }
  Written restore(std::int64_t id, std::int64_t revision, std::string_view app = test_app) {
    return change([&](BoardChange& board) { return board.restore(id, revision); }, app,
                  "bulletin.restore");
  }
  std::optional<Bulletin> stored(std::int64_t id) {
    return database().get([&](db::Transaction& t) { return find(t, test_app, id); });
  }
};
INSTANTIATE_STORE_TESTS(BoardChangeTest);

TEST_P(BoardChangeTest, TellsWhatHappenedNewestFirst) {
  add(draft_named("a"));
  add(draft_named("another"));
  rename(1, "b");
  erase(1);
  EXPECT_THAT(told(1), ElementsAre("delete 3 b -", "update 2 a b", "create 1 - a"));
  EXPECT_EQ(entries(1).front().entry.actor, "command");
}

TEST_P(BoardChangeTest, WhatFailedIsNoHistory) {
  add(draft_named("a"));
  EXPECT_THROW(change([](BoardChange& board) {
                 board.create(draft_named("b"));
                 board.erase(9);
                 return Bulletin();
               }),
               Error);
  EXPECT_THAT(told(2), ElementsAre());
  EXPECT_EQ(stored(2), std::nullopt);
}

TEST_P(BoardChangeTest, GoesBackToAnyRevision) {
  Draft draft = draft_for_under(10, "a");
  draft.enabled = false;
  draft.priority = 4;
  const Bulletin first = add(draft).bulletin;
  rename(1, "b");
  clock().advance(1s);
  const Bulletin restored = restore(1, 1).bulletin;
  EXPECT_EQ(restored.revision, 3);
  EXPECT_EQ(restored.updated_at, clock().now());
  EXPECT_EQ(to_json(restored), to_json(*stored(1)));
  Bulletin expected = first;
  expected.revision = 3;
  expected.updated_at = clock().now();
  EXPECT_EQ(to_json(restored), to_json(expected));
  EXPECT_THAT(told(1), ElementsAre("restore 3 b a", "update 2 a b", "create 1 - a"));
}

TEST_P(BoardChangeTest, BringsBackWhatWasErased) {
  const Bulletin first = add(draft_named("a")).bulletin;
  clock().advance(1s);
  erase(1);
  const Bulletin restored = restore(1, 1).bulletin;
  EXPECT_EQ(restored.id, 1);
  EXPECT_EQ(restored.revision, 3) << "2 was the deletion";
  EXPECT_EQ(restored.created_at, first.created_at);
  EXPECT_EQ(to_json(restored), to_json(*stored(1)));
  EXPECT_THAT(told(1), ElementsAre("restore 3 - a", "delete 2 a -", "create 1 - a"));
  EXPECT_EQ(add(draft_named("next")).bulletin.id, 2);
}

TEST_P(BoardChangeTest, RefusesWhatThereIsNot) {
  const auto code_of = [&](std::int64_t id, std::int64_t revision, std::string_view app) {
    try {
      restore(id, revision, app);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  };
  add(draft_named("a"));
  erase(1);
  EXPECT_EQ(code_of(1, 2, test_app), ErrorCode::invalid) << "the deletion has no content";
  EXPECT_EQ(code_of(1, 7, test_app), ErrorCode::invalid);
  EXPECT_EQ(code_of(2, 1, test_app), ErrorCode::not_found);
  EXPECT_EQ(code_of(1, 1, "other"), ErrorCode::not_found) << "another application's";
}

TEST_P(BoardChangeTest, LooksFarBack) {
  add(draft_named("first"));
  for (std::size_t i = 0; i < max_history_page + 5; ++i) rename(1, "later");
  EXPECT_EQ(restore(1, 1).bulletin.name, "first");
}

TEST_P(BoardChangeTest, AnApplicationInheritsNoHistory) {
  add(draft_named("a"));
  clock().advance(1s);
  execute("UPDATE applications SET created_at_ms = $1 WHERE app_id = 'demo'",
          {unix_ms(clock().now())});
  EXPECT_THAT(told(1), ElementsAre());
}

TEST_P(BoardChangeTest, OneChangeIsOneBoardRevision) {
  const auto written = change([](BoardChange& board) {
    board.create(draft_named("a"));
    board.create(draft_named("b"));
    board.erase(1);
    return board.create(draft_named("c"));
  });
  EXPECT_EQ(written.board_revision, 1);
  EXPECT_EQ(written.bulletin.id, 3);
}

}  // namespace
}  // namespace callboard::bulletins
