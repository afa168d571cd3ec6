#include "audience/allowed_origins.hpp"

#include <gtest/gtest.h>

#include "audience/application_store.hpp"
#include "tests/support/databases.hpp"

namespace callboard::audience {
namespace {

class AllowedOriginsTest : public StoreTest {
 protected:
  void SetUp() override {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
    });
    create("open", {}, {"https://a.example", "https://b.example"});
    create("hosted", {"fest.example"}, {"https://c.example"});
    origins_.load();
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

  AllowedOrigins origins_{database()};
};

TEST_P(AllowedOriginsTest, KnowsEachApplicationsOwn) {
  EXPECT_TRUE(origins_.allows("open", "https://a.example"));
  EXPECT_TRUE(origins_.allows("open", "https://b.example"));
  EXPECT_FALSE(origins_.allows("open", "https://c.example"));
  EXPECT_FALSE(origins_.allows("hosted", "https://a.example"));
  EXPECT_FALSE(origins_.allows("none", "https://a.example"));
  EXPECT_FALSE(origins_.allows("open", "https://A.example"));
  EXPECT_FALSE(origins_.allows("open", ""));
}

TEST_P(AllowedOriginsTest, AnswersForAHost) {
  EXPECT_TRUE(origins_.any_allows("fest.example", "https://c.example"));
  EXPECT_TRUE(origins_.any_allows("FEST.example", "https://c.example"));
  EXPECT_FALSE(origins_.any_allows("other.example", "https://c.example"));
  EXPECT_TRUE(origins_.any_allows("other.example", "https://a.example"));
  EXPECT_FALSE(origins_.any_allows("fest.example", "https://evil.example"));
}

TEST_P(AllowedOriginsTest, FollowsChanges) {
  EXPECT_TRUE(origins_.is_current());
  create("third", {}, {"https://d.example"});
  EXPECT_FALSE(origins_.is_current());
  EXPECT_TRUE(origins_.allows("open", "https://a.example"));
  origins_.load();
  EXPECT_TRUE(origins_.is_current());
  EXPECT_TRUE(origins_.allows("third", "https://d.example"));
}

INSTANTIATE_STORE_TESTS(AllowedOriginsTest);

}  // namespace
}  // namespace callboard::audience
