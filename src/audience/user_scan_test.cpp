#include "audience/user_scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audience/application_store.hpp"
#include "audience/user_store.hpp"
#include "base/json.hpp"
#include "tests/support/databases.hpp"

namespace callboard::audience {
namespace {

using conditions::Value;
using testing::ElementsAre;

class UserScanTest : public StoreTest {
 protected:
  UserScanTest() {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"default", "Default", clock().now()});
      for (const char* app : {"demo", "other"}) {
        Application application;
        application.app_id = app;
        application.workspace_id = "default";
        create_application(transaction, application);
      }
    });
    store("other", "b2", "{}");
    for (const char* user : {"c", "~", "a", "b", "B"}) store("demo", user, R"({"age":1})");
  }
  void store(std::string_view app, std::string_view user, std::string_view attributes) {
    write([&](db::Transaction& transaction) {
      replace_attributes(transaction, app, user, parse_json(attributes).as_object(), {},
                         clock().now());
    });
  }
  std::vector<std::string> scan(std::string_view above, std::string_view below, Direction direction,
                                std::int64_t limit) {
    std::vector<std::string> users;
    database().read([&](db::Transaction& transaction) {
      scan_users(transaction, "demo", above, below, direction, limit,
                 [&](const StoredUser& user) { users.emplace_back(user.user_id); });
    });
    return users;
  }
};
INSTANTIATE_STORE_TESTS(UserScanTest);

TEST_P(UserScanTest, GoesThroughOneApplicationFromEitherEnd) {
  const auto all = [&](Direction direction, std::int64_t limit) {
    return scan(before_all_users, after_all_users, direction, limit);
  };
  EXPECT_THAT(all(Direction::ascending, 9), ElementsAre("B", "a", "b", "c", "~"));
  EXPECT_THAT(all(Direction::descending, 2), ElementsAre("~", "c"));
  EXPECT_THAT(scan("a", "~", Direction::ascending, 9), ElementsAre("b", "c"));
  EXPECT_THAT(scan("b", "c", Direction::descending, 9), ElementsAre());
}

TEST_P(UserScanTest, KnowsOfAUserWhatIsStored) {
  const Applications applications(database(), clock(), metrics());
  const DataProviders providers(applications);
  const std::vector<std::string> names = {"app_version", "age", "user_id", "now", "registered_at"};
  StoredVariables variables(providers, "demo", names, Timestamp(std::chrono::milliseconds(1500)));
  const auto values =
      variables.of({"u", R"({"age":7,"x":1})", Timestamp(std::chrono::seconds(20))});
  EXPECT_EQ(values[0], nullptr);
  EXPECT_EQ(*values[1], Value(7));
  EXPECT_EQ(*values[2], Value("u"));
  EXPECT_EQ(*values[3], Value(1.5));
  EXPECT_EQ(*values[4], Value(20));
  EXPECT_EQ(variables.of({"v", "{}", {}})[1], nullptr);
}

}  // namespace
}  // namespace callboard::audience
