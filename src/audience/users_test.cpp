#include "audience/users.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "audience/application_store.hpp"
#include "audience/user_store.hpp"
#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;
using conditions::Value;

class UsersTest : public StoreTest {
 protected:
  void SetUp() override {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
      for (const auto* app_id : {"demo", "other"}) {
        create_application(transaction, {app_id, "ws", {}, clock().now(), clock().now()});
      }
    });
  }

  using Result = std::shared_ptr<const User>;
  static Users::Done into(const std::shared_ptr<std::promise<Result>>& promise) {
    return [promise](std::exception_ptr error, Result user) {
      if (error)
        promise->set_exception(error);
      else
        promise->set_value(std::move(user));
    };
  }
  template <class Write>
  Result wait_for(Write write_with) {
    const auto promise = std::make_shared<std::promise<Result>>();
    write_with(into(promise));
    return promise->get_future().get();
  }
  Result merge(const std::string& user_id, json::object changes) {
    return wait_for([&](Users::Done done) { users_->merge("demo", user_id, changes, done); });
  }
  Result replace(const std::string& user_id, json::object attributes,
                 std::vector<std::string> kept = {}) {
    return wait_for(
        [&](Users::Done done) { users_->replace("demo", user_id, attributes, kept, done); });
  }
  void merge_all(std::vector<UserChanges> changes) {
    const auto promise = std::make_shared<std::promise<void>>();
    users_->merge_all("demo", std::move(changes), [promise](std::exception_ptr error) {
      if (error)
        promise->set_exception(error);
      else
        promise->set_value();
    });
    promise->get_future().get();
  }
  std::int64_t stored_users() {
    return database().get([](db::Transaction& transaction) {
      return transaction
          .first("SELECT count(*) FROM users", {},
                 [](const db::Row& row) { return row.integer(0); })
          .value();
    });
  }
  static json::object numbered(int count) {
    json::object attributes;
    for (int i = 0; i < count; ++i) attributes["a" + std::to_string(i)] = i;
    return attributes;
  }

  std::unique_ptr<Users> users_ = std::make_unique<Users>(database(), clock(), metrics());
};

TEST_P(UsersTest, TakesAStrangerForAUserWithoutAttributes) {
  EXPECT_EQ(users_->cached("demo", "ann"), nullptr);
  const auto ann = users_->load("demo", "ann");
  EXPECT_FALSE(ann->exists());
  EXPECT_EQ(ann->attributes_json(), "{}");
  EXPECT_EQ(users_->cached("demo", "ann"), ann);
  EXPECT_EQ(stored_users(), 0);
}

TEST_P(UsersTest, MergesAndReplaces) {
  const auto registered = clock().now();
  EXPECT_EQ(merge("ann", {{"age", 9}, {"city", "Tainan"}})->version(), 1);
  clock().advance(std::chrono::seconds(1));
  const auto ann = merge("ann", {{"age", nullptr}, {"vip", true}});
  EXPECT_EQ(ann->attributes_json(), R"({"city":"Tainan","vip":true})");
  EXPECT_EQ(ann->version(), 2);
  EXPECT_EQ(ann->registered_at(), registered);
  EXPECT_EQ(replace("ann", {{"tags", json::array{"a"}}})->attributes_json(), R"({"tags":["a"]})");
  EXPECT_EQ(users_->load("demo", "ann")->attributes_json(), R"({"tags":["a"]})");
  EXPECT_EQ(users_->load("demo", "ann")->version(), 3);
}

TEST_P(UsersTest, KeepsTheNamedAttributesInAReplacement) {
  merge("ann", {{"vip", true}, {"age", 9}});
  EXPECT_EQ(replace("ann", {{"city", "Tainan"}}, {"vip", "absent"})->attributes_json(),
            R"({"city":"Tainan","vip":true})");
}

TEST_P(UsersTest, ReadsWhatWasJustWritten) {
  for (int age = 1; age <= 50; ++age) {
    users_->load("demo", "ann");
    merge("ann", {{"age", age}});
    EXPECT_EQ(*users_->load("demo", "ann")->find("age"), Value(age));
  }
}

// The write is seen by a read that begins in its completion, and by none that a stale load feeds.
TEST_P(UsersTest, NeverShowsAnOlderValueAfterTheCompletion) {
  std::atomic<int> completed{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const int least = completed;
        auto user = users_->cached("demo", "ann");
        if (!user) user = users_->load("demo", "ann");
        const Value* age = user->find("age");
        EXPECT_GE(age ? age->number() : 0, least);
      }
    });
  }
  for (int age = 1; age <= 100; ++age) {
    merge("ann", {{"age", age}});
    completed = age;
  }
  stop = true;
  for (auto& reader : readers) reader.join();
}

TEST_P(UsersTest, AUsersGenerationGrowsWithEveryWrite) {
  const auto first = users_->generation("demo", "ann");
  EXPECT_EQ(users_->generation("demo", "ann"), first);
  merge("ann", {{"age", 9}});
  const auto second = users_->generation("demo", "ann");
  EXPECT_GT(second, first);
  merge("ann", {{"age", 10}});
  EXPECT_GT(users_->generation("demo", "ann"), second);
}

TEST_P(UsersTest, KeepsApplicationsApart) {
  merge("ann", {{"age", 9}});
  EXPECT_FALSE(users_->load("other", "ann")->exists());
}

TEST_P(UsersTest, HearsOfWhatOthersWrite) {
  users_->load("demo", "ann");
  write([&](db::Transaction& transaction) {
    merge_attributes(transaction, "demo", "ann", {{"age", 9}}, "", clock().now());
  });
  EXPECT_EQ(users_->cached("demo", "ann"), nullptr);
  EXPECT_EQ(*users_->load("demo", "ann")->find("age"), Value(9));
  write([](db::Transaction& transaction) { transaction.announce("demo", "attributes", ""); });
  EXPECT_EQ(users_->cached("demo", "ann"), nullptr);
}

// A node that was away for longer than the change log reaches back hears of a change of no kind,
// and kept what it had.
TEST_P(UsersTest, ForgetsAllWhenAnythingMayHaveChanged) {
  users_->load("demo", "ann");
  const auto generation = users_->generation("demo", "ann");
  write([](db::Transaction& transaction) { transaction.announce("", "", ""); });
  EXPECT_EQ(users_->cached("demo", "ann"), nullptr);
  EXPECT_NE(users_->generation("demo", "ann"), generation);
}

TEST_P(UsersTest, RefusesTooManyAndChangesNothing) {
  merge("ann", numbered(100));
  try {
    merge("ann", {{"one_more", 1}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_EQ(error.details().at(0).pointer, "/attributes");
  }
  EXPECT_EQ(users_->load("demo", "ann")->version(), 1);
  EXPECT_NO_THROW(merge("ann", {{"a0", nullptr}, {"one_more", 1}}));
}

TEST_P(UsersTest, BoundsWhatOneUserHolds) {
  const json::array list(100, json::value(std::string(1024, 'x')));
  json::object large;
  for (int i = 0; i < 9; ++i) large["list" + std::to_string(i)] = list;
  EXPECT_NO_THROW(merge("ann", large));
  EXPECT_THROW(merge("ann", {{"x", list}, {"y", list}}), Error);
}

TEST_P(UsersTest, MergesManyAtOnce) {
  merge("u1", {{"old", 1}});
  std::vector<UserChanges> changes;
  for (int i = 0; i < 1000; ++i) changes.push_back({"u" + std::to_string(i), {{"n", i}}});
  merge_all(changes);
  EXPECT_EQ(users_->load("demo", "u1")->attributes_json(), R"({"n":1,"old":1})");
  EXPECT_EQ(*users_->load("demo", "u999")->find("n"), Value(999));
  EXPECT_EQ(stored_users(), 1000);
}

TEST_P(UsersTest, MergesAllOrNone) {
  merge("full", numbered(100));
  try {
    merge_all({{"new", {{"a", 1}}}, {"full", {{"one_more", 1}}}, {"newer", {{"a", 1}}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.details().at(0).pointer, "/1/attributes");
  }
  EXPECT_FALSE(users_->load("demo", "new")->exists());
  EXPECT_EQ(stored_users(), 1);
}

TEST_P(UsersTest, MayGoBeforeTheDatabase) {
  users_.reset();
  write([&](db::Transaction& transaction) {
    merge_attributes(transaction, "demo", "ann", {{"age", 9}}, "", clock().now());
  });
  EXPECT_EQ(stored_users(), 1);
}

INSTANTIATE_STORE_TESTS(UsersTest);

}  // namespace
}  // namespace callboard::audience
