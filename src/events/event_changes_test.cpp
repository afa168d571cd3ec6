#include "events/event_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.hpp"

namespace callboard::events {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// Counts the statements of another one.
class CountedTransaction final : public db::Transaction {
 public:
  explicit CountedTransaction(db::Transaction& inner) : inner_(inner) {}
  int statements() const { return statements_; }

  std::int64_t execute(std::string_view sql, db::Values values) override {
    ++statements_;
    return inner_.execute(sql, values);
  }
  void query(std::string_view sql, db::Values values,
             const std::function<void(const db::Row&)>& each) override {
    ++statements_;
    inner_.query(sql, values, each);
  }
  void lock(std::string_view name) override { inner_.lock(name); }
  std::string_view skip_locked() const override { return inner_.skip_locked(); }
  std::string hold_rows(std::string_view table) const override { return inner_.hold_rows(table); }
  std::string share_rows(std::string_view table) const override { return inner_.share_rows(table); }
  std::string numbers_in(std::string_view parameter) const override {
    return inner_.numbers_in(parameter);
  }
  std::string texts_in(std::string_view parameter) const override {
    return inner_.texts_in(parameter);
  }
  void take_your_time() override { inner_.take_your_time(); }
  void announce(std::string_view app_id, std::string_view kind, std::string_view key) override {
    inner_.announce(app_id, kind, key);
  }

 private:
  db::Transaction& inner_;
  int statements_ = 0;
};

class EventChangesTest : public EventsTest {
 protected:
  Event event(std::string_view id = "1") {
    return database()
        .get([&](db::Transaction& transaction) { return find_event(transaction, test_app, id); })
        .value();
  }
  Event update(const Revision& revision) {
    Event after;
    change([&](EventChanges& changes) { after = changes.update("1", revision); });
    return after;
  }
  // The actions on the application's events, the newest first.
  std::vector<std::string> recorded() {
    std::vector<std::string> actions;
    database().read([&](db::Transaction& transaction) {
      audience::AuditQuery query;
      query.workspace_id = "default";
      query.app_id = test_app;
      for (const auto& each : audience::list_audit(transaction, query)) {
        actions.push_back(each.entry.action + " " + each.entry.subject);
      }
    });
    return actions;
  }
};
INSTANTIATE_STORE_TESTS(EventChangesTest);

TEST_P(EventChangesTest, TheVersionGrowsWhenTheStartMovesAndOnlyThen) {
  add("1", 1);
  EXPECT_EQ(event().version, 1);
  clock().advance(std::chrono::seconds(5));
  update({.start = {}, .end = event().content.end + std::chrono::hours(1), .detail = "text"});
  EXPECT_EQ(event().version, 1);
  EXPECT_EQ(event().content.detail, "text");
  EXPECT_EQ(event().updated_at, clock().now());
  update({.start = event().content.start + std::chrono::minutes(1), .end = {}, .detail = {}});
  EXPECT_EQ(event().version, 2);
  EXPECT_THAT(recorded(),
              ElementsAre("event.update event/1", "event.update event/1", "event.create event/1"));
}

TEST_P(EventChangesTest, WhatChangesNothingLeavesNoTrace) {
  add("1", 1);
  const Timestamp written = event().updated_at;
  clock().advance(std::chrono::seconds(5));
  update({.start = event().content.start, .end = {}, .detail = {}});
  EXPECT_EQ(event().updated_at, written);
  EXPECT_EQ(recorded().size(), 1U);
}

TEST_P(EventChangesTest, LeadsAloneAreAChangeWithoutANewVersion) {
  add("1", 1);
  EXPECT_EQ(event().leads_minutes, std::nullopt);
  clock().advance(std::chrono::seconds(5));
  const Leads leads = Leads::value_type{60, 10};
  EXPECT_EQ(update({.start = {}, .end = {}, .detail = {}, .leads_minutes = leads}).version, 1);
  EXPECT_EQ(event().leads_minutes, leads);
  EXPECT_EQ(event().updated_at, clock().now());
  update({.start = {}, .end = {}, .detail = {}, .leads_minutes = leads});
  EXPECT_EQ(recorded().size(), 2U);
  update({.start = {}, .end = {}, .detail = "text"});
  EXPECT_EQ(event().leads_minutes, leads);
  update({.start = {}, .end = {}, .detail = {}, .leads_minutes = Leads()});
  EXPECT_EQ(event().leads_minutes, std::nullopt);
}

TEST_P(EventChangesTest, TheAuditLogHasLeadsWhereThereAreAny) {
  add("1", 1);
  update({.start = {}, .end = {}, .detail = {}, .leads_minutes = Leads::value_type{30}});
  const auto entry = database().get([&](db::Transaction& transaction) {
    audience::AuditQuery query;
    query.workspace_id = "default";
    query.app_id = test_app;
    return audience::list_audit(transaction, query).at(0).entry;
  });
  EXPECT_THAT(entry.before, Not(HasSubstr("leads")));
  EXPECT_THAT(entry.after, HasSubstr(R"(,"leads_minutes":[30]})"));
}

TEST_P(EventChangesTest, ADetailOfNothingIsKept) {
  add("1", 1);
  update({.start = {}, .end = {}, .detail = std::optional<std::string>()});
  EXPECT_EQ(event().content.detail, std::nullopt);
}

TEST_P(EventChangesTest, RefusesTwoOfOneIdAndWhatIsNotThere) {
  add("1", 1);
  EXPECT_EQ(code_of([&] { add("1", 2); }), ErrorCode::conflict);
  add("1", 2, "other");
  EXPECT_EQ(code_of([&] { change([](EventChanges& changes) { changes.update("2", {}); }); }),
            ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { change([](EventChanges& changes) { changes.erase("2"); }); }),
            ErrorCode::not_found);
}

TEST_P(EventChangesTest, DeletingEndsTheSubscriptions) {
  add("1", 1);
  add("2", 2);
  subscribe_to("1");
  subscribe_to("2");
  subscribe_to("1", "bob");
  change([](EventChanges& changes) { changes.erase("1"); });
  EXPECT_THAT(subscribed(), ElementsAre("2"));
  EXPECT_THAT(subscribed("bob"), IsEmpty());
}

TEST_P(EventChangesTest, DeletingAnnouncesTheSubscribersChangeWhoeverTheyAre) {
  add("1", 1);
  std::vector<std::string> kinds;
  database().on_change([&](const db::Change& change) { kinds.push_back(change.kind); });
  change([](EventChanges& changes) { changes.erase("1"); });
  EXPECT_THAT(kinds, UnorderedElementsAre(audience::provided_change, event_change));
}

TEST_P(EventChangesTest, AnIdThatAnOperatorAddsTakesTheUsersOwnOver) {
  subscribe_to("1");
  subscribe_to("1", "bob");
  subscribe_to("2");
  EXPECT_THAT(subscribed(), ElementsAre("1 (own)", "2 (own)"));
  add("1", 5);
  EXPECT_THAT(subscribed(), ElementsAre("2 (own)", "1"));
  EXPECT_THAT(subscribed("bob"), ElementsAre("1"));
  EXPECT_EQ(count("events"), 2);
}

TEST_P(EventChangesTest, AnImportCreatesChangesAndLeavesAlone) {
  subscribe_to("3");
  add("1", 1);
  add("2", 2);
  const std::vector<Draft> drafts = {
      {"1", content(1)}, {"2", content(7)}, {"3", content(3)}, {"4", content(4)}};
  ImportCounts counts;
  change([&](EventChanges& changes) { counts = changes.import(drafts); });
  EXPECT_EQ(counts.created, 2U);
  EXPECT_EQ(counts.updated, 1U);
  EXPECT_EQ(counts.unchanged, 1U);
  EXPECT_EQ(event("2").version, 2);
  EXPECT_THAT(subscribed(), ElementsAre("3"));
  change([&](EventChanges& changes) { counts = changes.import(drafts); });
  EXPECT_EQ(counts.unchanged, 4U);
  EXPECT_EQ(recorded().front(), "event.import ");
  EXPECT_EQ(recorded().size(), 3U);
}

TEST_P(EventChangesTest, AnImportChangesLeadsThatItNames) {
  const auto import = [&](std::optional<Leads> leads) {
    ImportCounts counts;
    change([&](EventChanges& changes) {
      counts = changes.import(std::vector<Draft>{{"1", content(1), std::move(leads)}});
    });
    return counts;
  };
  EXPECT_EQ(import(Leads::value_type{30}).created, 1U);
  EXPECT_EQ(event().leads_minutes, Leads::value_type{30});
  EXPECT_EQ(import(std::nullopt).unchanged, 1U);
  EXPECT_EQ(import(Leads()).updated, 1U);
  EXPECT_EQ(event().leads_minutes, std::nullopt);
  EXPECT_EQ(event().version, 1);
}

TEST_P(EventChangesTest, AnImportNeedsOneStatementForEachNewEvent) {
  const auto statements_for = [&](const std::vector<Draft>& drafts) {
    int statements = 0;
    write([&](db::Transaction& transaction) {
      CountedTransaction counted(transaction);
      EventChanges(counted, watcher(), audience::command_entry("default", test_app, "", ""),
                   clock().now())
          .import(drafts);
      statements = counted.statements();
    });
    return statements;
  };
  const int for_one = statements_for({{"1", content(1)}});
  const int for_three = statements_for({{"2", content(1)}, {"3", content(1)}, {"4", content(1)}});
  EXPECT_EQ(for_three, for_one + 2);
}

TEST_P(EventChangesTest, AnImportLeavesUsersTheirOwnOfOtherIds) {
  subscribe_to("1");
  subscribe_to("own");
  subscribe_to("1", "bob");
  change([&](EventChanges& changes) { changes.import(std::vector<Draft>{{"1", content(3)}}); });
  EXPECT_THAT(subscribed(), ElementsAre("own (own)", "1"));
  EXPECT_THAT(subscribed("bob"), ElementsAre("1"));
  EXPECT_EQ(count("events"), 2);
}

TEST_P(EventChangesTest, AnApplicationGoesWithItsEvents) {
  add("1", 1);
  subscribe_to("1");
  subscribe_to("own");
  write([](db::Transaction& transaction) { audience::delete_application(transaction, test_app); });
  EXPECT_EQ(count("events"), 0);
  EXPECT_EQ(count("subscriptions"), 0);
}

TEST_P(EventChangesTest, KeepsToItsLimit) {
  write([&](db::Transaction& transaction) {
    for (std::int64_t i = 1; i < max_events_per_app; ++i) {
      insert_event(transaction, test_app, {"e" + std::to_string(i), content(1), 1, {}, {}});
    }
  });
  add("last", 1);
  EXPECT_EQ(code_of([&] { add("more", 1); }), ErrorCode::unprocessable);
  const std::vector<Draft> drafts = {{"last", content(2)}, {"more", content(2)}};
  EXPECT_EQ(code_of([&] { change([&](EventChanges& changes) { changes.import(drafts); }); }),
            ErrorCode::unprocessable);
  EXPECT_EQ(event("last").version, 1);
}

}  // namespace
}  // namespace callboard::events
