#include "reminders/planning.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using Minutes = std::vector<std::chrono::minutes>;

class PlanningTest : public SendsTest {
 protected:
  void remind_before(const Minutes& leads) {
    configure([&](audience::AppSettings& settings) { settings.reminders.leads = leads; });
  }
  void remind_of(std::string_view id, const events::Leads& leads) {
    change([&](events::EventChanges& changes) {
      events::Revision revision;
      revision.leads_minutes = leads;
      changes.update(id, revision);
    });
  }
  SyncCounts sync_all() { return sync(database(), std::string(test_app), clock()); }
  // All that is stored of sends, so that a change of anything shows.
  std::vector<std::string> all_of_sends() {
    std::vector<std::string> all;
    for (const Send& send : sends()) {
      all.push_back(fmt::format("{} {} {} {} {} {} {} {} {}", send.id, send.owner_id, send.version,
                                send.lead.count(), unix_ms(send.due_at), unix_ms(send.begin_before),
                                unix_ms(send.end_before), name_of(send.state), send.reason));
    }
    std::ranges::sort(all);
    return all;
  }
  // An event that the user has for themselves alone.
  void join_own(std::string_view id, int number, std::chrono::minutes from_now) {
    write([&](db::Transaction& transaction) {
      const Timestamp start = clock().now() + from_now;
      events::subscribe(transaction, watcher(), {std::string(test_app), person(number)},
                        {.id = std::string(id), .content = events::Content{start, start + 1h, {}}},
                        audience::find_application(transaction, test_app)->settings, clock().now());
    });
  }
};
INSTANTIATE_STORE_TESTS(PlanningTest);

TEST_P(PlanningTest, AnEventHasAReminderForEachLead) {
  remind_before({24h, 30min});
  add_at("1", 48h);
  EXPECT_THAT(shown_sends(), ElementsAre("1440 scheduled", "30 scheduled"));
  const Timestamp start = clock().now() + 48h;
  const Send last = sends().back();
  EXPECT_EQ(last.due_at, start - 30min);
  EXPECT_EQ(last.begin_before, start - 15min) << "the grace";
  EXPECT_EQ(last.end_before, start);
}

TEST_P(PlanningTest, OfTheMomentsThatAreOverTheLatestIsDueNow) {
  remind_before({24h, 60min, 30min, 10min});
  add_at("1", 20min);
  EXPECT_THAT(shown_sends(), ElementsAre("1440 skipped missed", "60 skipped missed", "30 scheduled",
                                         "10 scheduled"));
  EXPECT_EQ(sends()[2].due_at, clock().now());
}

TEST_P(PlanningTest, AMomentThatIsNowIsNotOver) {
  remind_before({60min, 30min});
  add_at("1", 30min);
  EXPECT_THAT(shown_sends(), UnorderedElementsAre("30 scheduled", "60 scheduled"));
}

TEST_P(PlanningTest, TheGraceEndsWithTheStart) {
  add_at("1", 5min);
  EXPECT_EQ(live_send().begin_before, clock().now() + 5min);
}

TEST_P(PlanningTest, AnEventThatHasBegunHasNoReminder) {
  add_at("1", 0min);
  add_at("2", -90min);
  EXPECT_THAT(sends(), IsEmpty());
}

TEST_P(PlanningTest, AMoveCancelsTheOldOnesAndWritesNewOnes) {
  add_at("1", 48h);
  const Timestamp start = clock().now() + 49h;
  move_to("1", start);
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_moved", "30 scheduled"));
  EXPECT_EQ(live_send().version, 2);
  EXPECT_EQ(live_send().due_at, start - 30min);
  EXPECT_EQ(count("jobs"), 1) << "the old one's is gone";
}

TEST_P(PlanningTest, AMoveIntoItsLeadIsDueNow) {
  remind_before({24h, 30min});
  add_at("1", 48h);
  move_to("1", clock().now() + 20min);
  EXPECT_THAT(shown_sends(),
              UnorderedElementsAre("1440 cancelled event_moved", "30 cancelled event_moved",
                                   "1440 skipped missed", "30 scheduled"));
  EXPECT_EQ(live_send().due_at, clock().now());
}

TEST_P(PlanningTest, AChangeOfTextOrEndLeavesThemAsTheyAre) {
  add_at("1", 48h);
  const auto before = all_of_sends();
  clock().advance(1min);
  rename("1", "Walk");
  change([&](events::EventChanges& changes) {
    events::Revision revision;
    revision.end = clock().now() + 60h;
    changes.update("1", revision);
  });
  EXPECT_EQ(all_of_sends(), before);
}

TEST_P(PlanningTest, AMoveToThePastLeavesNone) {
  add_at("1", 48h);
  move_to("1", clock().now() - 1h);
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_moved"));
  move_to("1", clock().now() + 48h);
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_moved", "30 scheduled"));
}

TEST_P(PlanningTest, AnEventThatIsDeletedHasNone) {
  add_at("1", 48h);
  remove("1");
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_deleted"));
  EXPECT_EQ(count("jobs"), 0);
}

TEST_P(PlanningTest, AnIdThatComesBackIsOfAnotherEvent) {
  add_at("1", 48h);
  remove("1");
  add_at("1", 48h);
  EXPECT_THAT(shown_sends(), UnorderedElementsAre("30 cancelled event_deleted", "30 scheduled"));
  clock().advance(1ms);
  remove("1");
  clock().advance(1ms);
  add_at("1", 47h);
  EXPECT_THAT(shown_sends(), ElementsAre("30 scheduled", "30 cancelled event_deleted",
                                         "30 cancelled event_deleted"));
}

TEST_P(PlanningTest, ALeadOfTheEventsOwnReplacesThoseOfTheApplication) {
  add_at("1", 48h);
  remind_of("1", {{120, 10}});
  EXPECT_THAT(shown_sends(),
              ElementsAre("120 scheduled", "30 cancelled lead_removed", "10 scheduled"));
  remind_of("1", {{10}});
  EXPECT_THAT(shown_sends(), ElementsAre("120 cancelled lead_removed", "30 cancelled lead_removed",
                                         "10 scheduled"));
  remind_of("1", {{std::vector<std::uint32_t>{}}});
  EXPECT_THAT(sends(), SizeIs(3)) << "none";
  EXPECT_EQ(count("jobs"), 0);
  remind_of("1", std::nullopt);
  EXPECT_EQ(live_send().lead, 30min);
}

TEST_P(PlanningTest, ALeadThatWasSentIsNotSentAgainWhenItComesBack) {
  add_at("1", 60min);
  join("1", 1, 2);
  clock().advance(30min);
  work();
  remind_of("1", {{20}});
  remind_of("1", std::nullopt);
  EXPECT_THAT(shown_sends(), ElementsAre("30 done", "20 cancelled lead_removed"));
  clock().advance(10min);
  work();
  expect_received(1, 2);
}

TEST_P(PlanningTest, ALeadOfTheSettingsIsTakenOverByASync) {
  add_at("1", 48h);
  add_at("2", 72h);
  remind_before({60min, 30min});
  EXPECT_EQ(sync_all().events, 2);
  EXPECT_THAT(shown_sends(),
              ElementsAre("60 scheduled", "30 scheduled", "60 scheduled", "30 scheduled"));
  remind_before({10min});
  sync_all();
  EXPECT_THAT(shown_sends(), ElementsAre("60 cancelled lead_removed", "30 cancelled lead_removed",
                                         "10 scheduled", "60 cancelled lead_removed",
                                         "30 cancelled lead_removed", "10 scheduled"));
}

TEST_P(PlanningTest, WhatIsPlannedTwiceIsTheSame) {
  remind_before({24h, 60min, 30min, 10min});
  add_at("1", 20min);
  add_at("2", 48h);
  add_at("3", 40min);
  move_to("3", clock().now() + 50min);
  join_own("own", 1, 70min);
  work();
  for (int i = 0; i < 3; ++i) {
    const auto before = all_of_sends();
    EXPECT_EQ(sync_all().cancelled, 0);
    EXPECT_EQ(all_of_sends(), before) << i;
    clock().advance(5min);
  }
}

TEST_P(PlanningTest, AUsersOwnEventHasItsOwn) {
  join_own("own", 1, 48h);
  EXPECT_THAT(shown_sends(), ElementsAre("30 scheduled"));
  EXPECT_EQ(live_send().owner_id, person(1));
  leave("own", 1);
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_deleted"));
  join_own("own", 2, 40min);
  clock().advance(10min);
  work();
  expect_received(2, 2);
}

TEST_P(PlanningTest, PrivateCopiesGiveWayToTheApplicationsEvent) {
  join_own("1", 1, 60min);
  join_own("1", 2, 90min);
  join_own("2", 3, 60min);
  add_at("1", 60min);
  EXPECT_THAT(shown_sends(),
              UnorderedElementsAre("30 cancelled event_adopted", "30 cancelled event_adopted",
                                   "30 scheduled", "30 scheduled"));
  work_until(clock().now() + 60min, 10min);
  expect_received(1, 3);
}

TEST_P(PlanningTest, AnImportAdoptsPrivateCopiesToo) {
  join_own("1", 1, 60min);
  join_own("2", 2, 60min);
  change([&](events::EventChanges& changes) {
    const Timestamp start = clock().now() + 60min;
    const std::vector<events::Draft> drafts = {{"1", {start, start + 1h, {}}},
                                               {"2", {start, start + 1h, {}}}};
    changes.import(drafts);
  });
  clock().advance(30min);
  work();
  expect_received(1, 2);
}

TEST_P(PlanningTest, ASyncFindsWhatChangedBehindItsBack) {
  add_at("1", 48h);
  add_at("2", 48h);
  add_at("3", 48h);
  execute("DELETE FROM events WHERE event_id = '1'");
  execute("UPDATE events SET start_ms = start_ms + 3600000, version = 2 WHERE event_id = '2'");
  execute("DELETE FROM sends WHERE subject_id = '3'");
  const SyncCounts counts = sync_all();
  EXPECT_EQ(counts.events, 2);
  EXPECT_EQ(counts.cancelled, 1);
  EXPECT_THAT(shown_sends(),
              UnorderedElementsAre("30 cancelled event_deleted", "30 cancelled event_moved",
                                   "30 scheduled", "30 scheduled"));
}

TEST_P(PlanningTest, ASyncIsOfOneApplication) {
  add("1", 48, "other");
  EXPECT_EQ(sync_all().events, 0);
  EXPECT_THAT(shown_sends(), ElementsAre("30 scheduled"));
}

}  // namespace
}  // namespace callboard::reminders
