#include "audience/application_store.hpp"

#include <gtest/gtest.h>

#include "audience/applications.hpp"
#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::audience {
namespace {

class ApplicationStoreTest : public StoreTest {
 protected:
  Application application(std::string app_id, std::string workspace_id = "ws") {
    Application made;
    made.app_id = std::move(app_id);
    made.workspace_id = std::move(workspace_id);
    made.settings.name = "Name of " + made.app_id;
    made.created_at = made.updated_at = clock().now();
    return made;
  }
  void create_workspaces() {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
      create_workspace(transaction, {"other", "Another", clock().now()});
    });
  }
  void create(const Application& made) {
    write([&](db::Transaction& transaction) { create_application(transaction, made); });
  }
  ErrorCode failure_of(db::Work work) {
    try {
      write(std::move(work));
    } catch (const Error& error) {
      return error.code();
    }
    throw std::logic_error("it was written");
  }
};

TEST_P(ApplicationStoreTest, KeepsWorkspaces) {
  create_workspaces();
  database().read([&](db::Transaction& transaction) {
    const auto found = find_workspace(transaction, "ws");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, "Workspace");
    EXPECT_EQ(found->created_at, clock().now());
    EXPECT_FALSE(find_workspace(transaction, "none"));
    EXPECT_EQ(list_workspaces(transaction).size(), 2u);
  });
  EXPECT_EQ(failure_of([&](db::Transaction& transaction) {
              create_workspace(transaction, {"ws", "Again", clock().now()});
            }),
            ErrorCode::conflict);
}

TEST_P(ApplicationStoreTest, KeepsApplications) {
  create_workspaces();
  Application made = application("demo");
  made.settings.hosts = {"example.org"};
  made.settings.anonymous_sessions = true;
  create(made);
  create(application("another"));
  create(application("foreign", "other"));
  database().read([&](db::Transaction& transaction) {
    const auto found = find_application(transaction, "demo");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->workspace_id, "ws");
    EXPECT_EQ(found->settings.name, "Name of demo");
    EXPECT_EQ(found->settings.hosts, std::vector<std::string>{"example.org"});
    EXPECT_TRUE(found->settings.anonymous_sessions);
    EXPECT_EQ(found->created_at, clock().now());
    const auto listed = list_applications(transaction, "ws");
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed[0].app_id, "another");
  });
}

TEST_P(ApplicationStoreTest, RefusesATakenIdAndAnUnknownWorkspace) {
  create_workspaces();
  create(application("demo"));
  EXPECT_EQ(failure_of([&](db::Transaction& transaction) {
              create_application(transaction, application("demo", "other"));
            }),
            ErrorCode::conflict);
  EXPECT_EQ(failure_of([&](db::Transaction& transaction) {
              create_application(transaction, application("new", "none"));
            }),
            ErrorCode::not_found);
  EXPECT_EQ(failure_of([&](db::Transaction& transaction) {
              update_settings(transaction, "none", {}, clock().now());
            }),
            ErrorCode::not_found);
}

TEST_P(ApplicationStoreTest, RemembersWhichIdsNameNothingUntilTheyDo) {
  Applications applications(database(), clock(), metrics());
  create_workspaces();
  EXPECT_FALSE(applications.from_memory("demo"));
  EXPECT_EQ(applications.get("demo"), nullptr);
  ASSERT_TRUE(applications.from_memory("demo"));
  EXPECT_EQ(*applications.from_memory("demo"), nullptr);
  EXPECT_THROW(applications.require("demo"), Error);

  create(application("demo"));
  EXPECT_FALSE(applications.from_memory("demo"));
  EXPECT_EQ(applications.require("demo")->settings.name, "Name of demo");
  EXPECT_EQ((*applications.from_memory("demo"))->app_id, "demo");
}

TEST_P(ApplicationStoreTest, SeesNewSettingsAsSoonAsTheyAreWritten) {
  Applications applications(database(), clock(), metrics());
  create_workspaces();
  create(application("demo"));
  const auto before = applications.get("demo");
  AppSettings settings = before->settings;
  settings.name = "Renamed";
  settings.server_only_attributes = {"vip"};
  clock().advance(std::chrono::seconds(5));
  write([&](db::Transaction& transaction) {
    update_settings(transaction, "demo", settings, clock().now());
  });
  const auto after = applications.get("demo");
  EXPECT_EQ(after->settings.name, "Renamed");
  EXPECT_TRUE(after->settings.is_server_only("vip"));
  EXPECT_EQ(after->updated_at - after->created_at, std::chrono::seconds(5));
  EXPECT_EQ(before->settings.name, "Name of demo");
}

TEST_P(ApplicationStoreTest, SpendsNoMemoryOnWhatIsNoId) {
  Applications applications(database(), clock(), metrics());
  EXPECT_EQ(applications.get("not an id!"), nullptr);
  EXPECT_FALSE(applications.from_memory("not an id!"));
}

INSTANTIATE_STORE_TESTS(ApplicationStoreTest);

}  // namespace
}  // namespace callboard::audience
