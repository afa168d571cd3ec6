#include "bulletins/bulletin_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class BulletinStoreTest : public BulletinsTest {
 protected:
  std::optional<Bulletin> stored(std::int64_t id, std::string_view app = test_app) {
    return database().get([&](db::Transaction& t) { return find(t, app, id); });
  }
  std::vector<std::string> names(const ListQuery& query) {
    const Page page =
        database().get([&](db::Transaction& t) { return list(t, test_app, query, clock().now()); });
    std::vector<std::string> found;
    for (const Bulletin& bulletin : page.bulletins) found.push_back(bulletin.name);
    return found;
  }
  Update update_of(std::int64_t id, Draft draft) {
    Update update;
    update.id = id;
    update.draft = std::move(draft);
    return update;
  }
  Written apply(const Update& update, std::string_view app = test_app) {
    return change([&](BoardChange& board) { return board.update(update); }, app);
  }
};
INSTANTIATE_STORE_TESTS(BulletinStoreTest);

TEST_P(BulletinStoreTest, KeepsEveryMember) {
  Draft draft = draft_for_under(10, "n");
  draft.start_unix_s = 5;
  draft.end_unix_s = 6;
  draft.enabled = false;
  draft.priority = -3;
  const Written written = add(draft);
  const auto found = stored(written.bulletin.id);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(to_json(*found), to_json(written.bulletin));
  EXPECT_EQ(found->condition, draft.condition);
  EXPECT_EQ(found->revision, 1);
  EXPECT_EQ(found->created_at, clock().now());
}

TEST_P(BulletinStoreTest, CountsIdsPerApplicationAndNeverTwice) {
  EXPECT_EQ(add(draft_named("a")).bulletin.id, 1);
  EXPECT_EQ(add(draft_named("b")).bulletin.id, 2);
  EXPECT_EQ(add(draft_named("c"), "other").bulletin.id, 1);
  erase(2);
  EXPECT_EQ(add(draft_named("d")).bulletin.id, 3);
}

TEST_P(BulletinStoreTest, EveryWriteMovesTheBoardsRevision) {
  EXPECT_EQ(add(draft_named("a")).board_revision, 1);
  EXPECT_EQ(apply(update_of(1, draft_named("b"))).board_revision, 2);
  EXPECT_EQ(erase(1), 3);
  const auto revision = [&](std::string_view app) {
    return database().get([&](db::Transaction& t) { return board_revision(t, app); });
  };
  EXPECT_EQ(revision(test_app), 3);
  EXPECT_EQ(revision("other"), 0);
}

TEST_P(BulletinStoreTest, AnUpdateIsANewRevision) {
  add(draft_named("a"));
  clock().advance(5ms);
  Update change = update_of(1, draft_named("b"));
  change.enabled = false;
  const Written written = apply(change);
  EXPECT_EQ(written.bulletin.revision, 2);
  EXPECT_EQ(to_json(*stored(1)), to_json(written.bulletin));
  EXPECT_EQ(written.bulletin.updated_at - written.bulletin.created_at, 5ms);
  EXPECT_FALSE(apply(update_of(1, draft_named("c"))).bulletin.enabled) << "kept where not said";
}

TEST_P(BulletinStoreTest, AnUpdateOfAnotherRevisionChangesNothing) {
  add(draft_named("a"));
  Update change = update_of(1, draft_named("b"));
  change.expected_revision = 7;
  try {
    apply(change);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_EQ(error.message(), "the current revision is 1");
  }
  EXPECT_EQ(stored(1)->name, "a");
  change.expected_revision = 1;
  EXPECT_EQ(apply(change).bulletin.revision, 2);
}

TEST_P(BulletinStoreTest, AnotherApplicationsBulletinIsNotFound) {
  add(draft_named("a"));
  EXPECT_EQ(stored(1, "other"), std::nullopt);
  EXPECT_THROW(apply(update_of(1, draft_named("b")), "other"), Error);
  EXPECT_THROW(erase(1, "other"), Error);
  EXPECT_EQ(stored(1)->name, "a");
}

TEST_P(BulletinStoreTest, ListsTheLastUpdatedFirst) {
  for (const char* name : {"a", "b", "c"}) {
    clock().advance(1s);
    add(draft_named(name));
  }
  clock().advance(1s);
  apply(update_of(1, draft_named("a2")));
  EXPECT_THAT(names({}), ElementsAre("a2", "c", "b"));
  EXPECT_THAT(names({.page = 2, .size = 2}), ElementsAre("b"));
  EXPECT_THAT(names({.page = 3, .size = 2}), ElementsAre());
  EXPECT_THAT(names({.order = "bulletin_name", .descending = false}), ElementsAre("a2", "b", "c"));
}

TEST_P(BulletinStoreTest, FindsByTextWithoutWildcards) {
  Draft special = draft_named("100% off");
  special.category = "sale_2";
  add(special);
  add(draft_named("100 Off"));
  EXPECT_THAT(names({.text = "OFF"}), ElementsAre("100 Off", "100% off"));
  EXPECT_THAT(names({.text = "0%"}), ElementsAre("100% off"));
  EXPECT_THAT(names({.text = "e_2"}), ElementsAre("100% off"));
  EXPECT_THAT(names({.text = "'; DROP TABLE bulletins; --"}), ElementsAre());
  EXPECT_THAT(names({.category = "sale_2"}), ElementsAre("100% off"));
}

TEST_P(BulletinStoreTest, ListsByState) {
  const std::int64_t now = unix_seconds(clock().now());
  const auto with_window = [&](const char* name, std::int64_t start, std::int64_t end) {
    Draft draft = draft_named(name);
    draft.start_unix_s = start;
    draft.end_unix_s = end;
    add(draft);
  };
  with_window("live", now, now + 1);
  with_window("scheduled", now + 1, 0);
  with_window("expired", 0, now);
  Draft disabled = draft_named("disabled");
  disabled.enabled = false;
  add(disabled);
  EXPECT_THAT(names({.state = State::live}), ElementsAre("live"));
  EXPECT_THAT(names({.state = State::scheduled}), ElementsAre("scheduled"));
  EXPECT_THAT(names({.state = State::expired}), ElementsAre("expired"));
  EXPECT_THAT(names({.state = State::disabled}), ElementsAre("disabled"));
}

TEST_P(BulletinStoreTest, CombinesAllFilters) {
  const auto add_with = [&](const char* name, const char* category, bool enabled) {
    Draft draft = draft_named(name);
    draft.category = category;
    draft.enabled = enabled;
    add(draft);
  };
  add_with("sale one", "shop", true);
  add_with("sale two", "shop", true);
  add_with("sale three", "shop", false);
  add_with("sale four", "news", true);
  add_with("other", "shop", true);
  const ListQuery query = {.size = 1,
                           .text = "SALE",
                           .category = "shop",
                           .state = State::live,
                           .order = "bulletin_name",
                           .descending = true};
  EXPECT_THAT(names(query), ElementsAre("sale two"));
  const Page page =
      database().get([&](db::Transaction& t) { return list(t, test_app, query, clock().now()); });
  EXPECT_EQ(page.total, 2);
  EXPECT_THAT(names({.category = ""}), ElementsAre());
}

TEST_P(BulletinStoreTest, LoadsTheEnabledInTheOrderOfAnAnswer) {
  const auto add_with = [&](const char* name, std::int64_t priority, bool enabled) {
    Draft draft = draft_named(name);
    draft.priority = priority;
    draft.enabled = enabled;
    add(draft);
  };
  add_with("first", 0, true);
  add_with("same moment, later id", 0, true);
  clock().advance(1s);
  add_with("newer", 0, true);
  add_with("urgent", 1, true);
  add_with("disabled", 9, false);
  const auto rows = database().get([&](db::Transaction& t) { return load_enabled(t, test_app); });
  std::vector<std::string> loaded;
  for (const StoredRow& row : rows) loaded.push_back(row.bulletin.name);
  EXPECT_THAT(loaded, ElementsAre("urgent", "newer", "same moment, later id", "first"));
}

}  // namespace
}  // namespace callboard::bulletins
