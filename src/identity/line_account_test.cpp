#include "identity/line_account.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

class LineAccountTest : public test::IdentityTest {
 protected:
  void save(const std::string& name, const std::string& picture_url = "https://p/a") {
    write([&](db::Transaction& transaction) {
      save_profile(transaction, "demo", {"ann", name, picture_url}, now());
    });
  }
  void say(bool is_blocked, int at_ms, std::string_view user_id = "ann") {
    write([&](db::Transaction& transaction) {
      set_blocked(transaction, "demo", user_id, is_blocked, timestamp_from_ms(at_ms), now());
    });
  }
  boost::json::object shown(std::string_view user_id = "ann") {
    const auto all = database().get([&](db::Transaction& transaction) {
      return show_line_account(transaction, "demo", user_id);
    });
    return all.empty() ? all : all.at("line_account").as_object();
  }
  std::string name() { return std::string(shown().at("name").as_string()); }
  bool is_blocked() { return shown().contains("blocked_at"); }
};

TEST_P(LineAccountTest, ShowsWhatLineTells) {
  EXPECT_TRUE(shown().empty());
  const Timestamp first = now();
  save("Ann");
  clock().advance(std::chrono::hours{1});
  save("Anna 舞台", "");
  EXPECT_EQ(name(), "Anna 舞台");
  EXPECT_EQ(shown().at("picture_url").as_string(), "");
  EXPECT_EQ(shown().at("created_at").as_string(), rfc3339(first));
  EXPECT_EQ(shown().at("updated_at").as_string(), rfc3339(now()));
  EXPECT_TRUE(shown("bert").empty());
}

TEST_P(LineAccountTest, LeavesOutWhatNoTextShouldHold) {
  save(std::string("A\0nn\x01\x7f\n", 7));
  EXPECT_EQ(name(), "Ann");
}

TEST_P(LineAccountTest, CutsLongTextsAtTheEndOfACharacter) {
  save(std::string(max_profile_text_bytes - 1, 'x') + "舞");
  EXPECT_EQ(name(), std::string(max_profile_text_bytes - 1, 'x'));
  save(std::string(max_profile_text_bytes - 3, 'x') + "舞台");
  EXPECT_EQ(name(), std::string(max_profile_text_bytes - 3, 'x') + "舞");
}

TEST_P(LineAccountTest, KnowsWhoHasBlocked) {
  say(true, 1000);
  EXPECT_EQ(shown().at("blocked_at").as_string(), rfc3339(timestamp_from_ms(1000)));
  EXPECT_TRUE(shown("bert").empty());
  save("Ann");  // who logs in has not come back by that
  EXPECT_TRUE(is_blocked());
  say(false, 2000);
  EXPECT_FALSE(is_blocked());
  EXPECT_EQ(name(), "Ann");
}

TEST_P(LineAccountTest, BelievesWhatWasSaidLast) {
  say(false, 2000);
  say(true, 1999);
  EXPECT_FALSE(is_blocked());
  say(true, 2000);
  EXPECT_TRUE(is_blocked());
}

TEST_P(LineAccountTest, IsErased) {
  save("Ann");
  const auto erase = [&] {
    bool was_there = false;
    write([&](db::Transaction& transaction) {
      was_there = erase_line_account(transaction, "demo", "ann");
    });
    return was_there;
  };
  EXPECT_TRUE(erase());
  EXPECT_TRUE(shown().empty());
  EXPECT_FALSE(erase());
}

INSTANTIATE_STORE_TESTS(LineAccountTest);

}  // namespace
}  // namespace callboard::identity
