#include "audience/app_addresses.hpp"

#include <gtest/gtest.h>

#include "audience/application_store.hpp"
#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::audience {
namespace {

class AppAddressesTest : public StoreTest {
 protected:
  void SetUp() override {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
    });
    create("open", {}, {"https://a.example", "https://b.example"});
    create("hosted", {"fest.example"}, {"https://c.example"});
    addresses_.load();
  }
  void create(std::string app_id, std::vector<std::string> hosts,
              std::vector<std::string> allowed) {
    AppSettings settings;
    settings.hosts = std::move(hosts);
    settings.allowed_origins = std::move(allowed);
    write([&](db::Transaction& transaction) {
      create_application(transaction, {app_id, "ws", settings, clock().now(), clock().now()});
    });
  }

  AppAddresses addresses_{database()};
};

TEST_P(AppAddressesTest, KnowsEachApplicationsOwn) {
  EXPECT_TRUE(addresses_.allows("open", "https://a.example"));
  EXPECT_TRUE(addresses_.allows("open", "https://b.example"));
  EXPECT_FALSE(addresses_.allows("open", "https://c.example"));
  EXPECT_FALSE(addresses_.allows("hosted", "https://a.example"));
  EXPECT_FALSE(addresses_.allows("none", "https://a.example"));
  EXPECT_FALSE(addresses_.allows("open", "https://A.example"));
  EXPECT_FALSE(addresses_.allows("open", ""));
}

TEST_P(AppAddressesTest, AnswersForAHost) {
  EXPECT_TRUE(addresses_.any_allows("fest.example", "https://c.example"));
  EXPECT_TRUE(addresses_.any_allows("FEST.example", "https://c.example"));
  EXPECT_FALSE(addresses_.any_allows("other.example", "https://c.example"));
  EXPECT_TRUE(addresses_.any_allows("other.example", "https://a.example"));
  EXPECT_FALSE(addresses_.any_allows("fest.example", "https://evil.example"));
}

TEST_P(AppAddressesTest, FindsTheApplicationOfAHost) {
  const auto at = [](const AppAddresses& addresses, std::string_view host) {
    const auto app_id = addresses.app_at(host);
    return app_id ? *app_id : "none";
  };
  EXPECT_EQ(at(addresses_, "fest.example"), "hosted");
  EXPECT_EQ(at(addresses_, "FEST.example"), "hosted");
  EXPECT_EQ(at(addresses_, "fest.example:8000"), "none");
  EXPECT_EQ(at(addresses_, "other.example"), "none");  // there are two applications
  create("a-second", {"fest.example"}, {});
  addresses_.load();
  EXPECT_EQ(at(addresses_, "fest.example"), "a-second");  // whose id comes first

  AppAddresses with_default(database(), "open");
  with_default.load();
  EXPECT_EQ(at(with_default, "fest.example"), "a-second");
  EXPECT_EQ(at(with_default, "other.example"), "open");
}

TEST_P(AppAddressesTest, AllowsWhatTheApplicationOfTheHostAllows) {
  AppAddresses with_default(database(), "hosted");
  with_default.load();
  EXPECT_TRUE(with_default.any_allows("127.0.0.1:8000", "https://c.example"));
  EXPECT_FALSE(addresses_.any_allows("127.0.0.1:8000", "https://c.example"));
}

TEST_P(AppAddressesTest, AHostIsOneApplications) {
  const auto claim = [&](std::string_view app_id, std::vector<std::string> hosts) {
    write([&](db::Transaction& transaction) { claim_hosts(transaction, app_id, hosts); });
  };
  claim("hosted", {"fest.example"});
  claim("open", {"other.example"});
  try {
    claim("open", {"other.example", "fest.example"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_EQ(error.details().at(0).pointer, "/hosts/1");
  }
}

TEST_P(AppAddressesTest, TakesTheOnlyApplicationForEveryHost) {
  write([](db::Transaction& transaction) {
    transaction.execute("DELETE FROM applications WHERE app_id = 'hosted'");
    transaction.announce("hosted", "app", "");
  });
  addresses_.load();
  EXPECT_EQ(*addresses_.app_at("any.example"), "open");
}

TEST_P(AppAddressesTest, FollowsChanges) {
  EXPECT_TRUE(addresses_.is_current());
  create("third", {}, {"https://d.example"});
  EXPECT_FALSE(addresses_.is_current());
  EXPECT_TRUE(addresses_.allows("open", "https://a.example"));
  addresses_.load();
  EXPECT_TRUE(addresses_.is_current());
  EXPECT_TRUE(addresses_.allows("third", "https://d.example"));
}

INSTANTIATE_STORE_TESTS(AppAddressesTest);

}  // namespace
}  // namespace callboard::audience
