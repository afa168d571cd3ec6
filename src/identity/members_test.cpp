#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "crypto/sha256.hpp"
#include "identity/use_link.hpp"
#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

using http::Role;
using namespace std::chrono_literals;

constexpr PasswordCost cheap{1, 8192};
constexpr std::string_view secret_of_nobody = "cbl_guess";

// A database of its own with workspace `default`, and members in it.
class MembersTest : public test::IdentityTest {
 protected:
  std::string add(const std::string& email, Role role, const std::string& workspace = "default") {
    const Member member{new_member_id(), email, email, hasher_.hash("correct horse"), now()};
    write([&](db::Transaction& t) {
      create_member(t, member);
      set_role(t, workspace, member.member_id, role, now());
    });
    return member.member_id;
  }
  ErrorCode refusal(const db::Work& work) {
    try {
      write(work);
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "was not refused";
    return ErrorCode::internal;
  }
  std::optional<Role> role(const std::string& member_id) {
    return database().get([&](db::Transaction& t) { return role_of(t, "default", member_id); });
  }
  template <class Function>
  auto in_write(Function function) {
    std::optional<std::invoke_result_t<Function&, db::Transaction&>> result;
    write([&](db::Transaction& t) { result.emplace(function(t)); });
    return std::move(*result);
  }
  bool works(const std::string& secret) {
    return database().get([&](db::Transaction& t) {
      try {
        require_link(t, secret, now());
        return true;
      } catch (const Error&) {
        return false;
      }
    });
  }
  OneTimeLink invitation(std::string email, std::string created_by = "command") {
    OneTimeLink link;
    link.workspace_id = "default";
    link.email = std::move(email);
    link.role = Role::editor;
    link.created_by = std::move(created_by);
    return link;
  }

  PasswordHasher hasher_{cheap};
};

TEST_P(MembersTest, KnowsEmailAddresses) {
  EXPECT_EQ(normal_email("Ann@Example.ORG"), "ann@example.org");
  for (const char* text : {"", "@", "a@", "@b", "a b@c", "a@b@c", "a,b@c", "a@b\n", "<a@b>"}) {
    EXPECT_EQ(normal_email(text), std::nullopt) << text;
  }
  EXPECT_TRUE(normal_email(std::string(250, 'a') + "@b.c"));
  EXPECT_FALSE(normal_email(std::string(251, 'a') + "@b.c"));
}

TEST_P(MembersTest, AnAddressIsOneMembers) {
  add("ann@example.org", Role::owner);
  EXPECT_EQ(refusal([&](db::Transaction& t) {
              create_member(t, {new_member_id(), "ann@example.org", "Eve", "", now()});
            }),
            ErrorCode::conflict);
}

TEST_P(MembersTest, AWorkspaceKeepsAnOwner) {
  const std::string ann = add("ann@example.org", Role::owner);
  const std::string bob = add("bob@example.org", Role::admin);
  const auto demote = [&](db::Transaction& t) { set_role(t, "default", ann, Role::admin, now()); };
  const auto remove = [&](db::Transaction& t) { remove_from_workspace(t, "default", ann); };
  EXPECT_EQ(refusal(demote), ErrorCode::conflict);
  EXPECT_EQ(refusal(remove), ErrorCode::conflict);
  EXPECT_EQ(refusal([&](db::Transaction& t) { delete_member(t, ann); }), ErrorCode::conflict);
  write([&](db::Transaction& t) { set_role(t, "default", bob, Role::owner, now()); });
  write(demote);
  write(remove);
  EXPECT_EQ(role(ann), std::nullopt);
}

TEST_P(MembersTest, WhatAMemberMadeEndsWithThem) {
  add("ann@example.org", Role::owner);
  const std::string bob = add("bob@example.org", Role::admin);
  ApiToken token;
  token.workspace_id = "default";
  token.role = Role::admin;
  token.member_id = bob;
  const std::string secret = create_token(token);
  const auto invited = in_write([&](db::Transaction& t) {
    return issue_invitation(t, invitation("x@example.org", "member:" + bob), now());
  });
  const auto role_by_token = [&] {
    return database().get([&](db::Transaction& t) {
      const auto found = find_api_token(t, secret);
      return found ? std::optional(found->role) : std::nullopt;
    });
  };
  EXPECT_EQ(role_by_token(), Role::admin);
  EXPECT_TRUE(works(invited.secret));
  write([&](db::Transaction& t) { set_role(t, "default", bob, Role::viewer, now()); });
  EXPECT_EQ(role_by_token(), Role::viewer);
  EXPECT_FALSE(works(invited.secret));
  write([&](db::Transaction& t) { remove_from_workspace(t, "default", bob); });
  EXPECT_EQ(role_by_token(), std::nullopt);
}

TEST_P(MembersTest, ALinkWorksOnceAndInTime) {
  const auto issue = [&] {
    return in_write([&](db::Transaction& t) { return issue_setup(t, "command", now()); }).secret;
  };
  const std::string first = issue();
  const std::string second = issue();
  EXPECT_FALSE(works(first));
  EXPECT_FALSE(works(std::string(secret_of_nobody)));
  clock().advance(24h - 1ms);
  EXPECT_TRUE(works(second));
  write([&](db::Transaction& t) { take_link(t, second, now()); });
  EXPECT_FALSE(works(second));
  EXPECT_EQ(refusal([&](db::Transaction& t) { take_link(t, second, now()); }),
            ErrorCode::not_found);
  const std::string third = issue();
  clock().advance(24h);
  EXPECT_FALSE(works(third));
}

TEST_P(MembersTest, AResetLinkIsForTheRoleOfItsTime) {
  add("ann@example.org", Role::owner);
  const std::string bob = add("bob@example.org", Role::viewer);
  const auto issued =
      in_write([&](db::Transaction& t) { return issue_reset(t, bob, "command", now()); });
  EXPECT_TRUE(works(issued.secret));
  write([&](db::Transaction& t) { set_role(t, "default", bob, Role::owner, now()); });
  EXPECT_FALSE(works(issued.secret));
}

TEST_P(MembersTest, OnlyHashesAreKept) {
  const auto issued =
      in_write([&](db::Transaction& t) { return issue_setup(t, "command", now()); });
  const std::string ann = add("ann@example.org", Role::owner);
  const std::string session =
      in_write([&](db::Transaction& t) { return start_session(t, ann, now()); });
  const auto stored = [&](const std::string& table) {
    return *database().get([&](db::Transaction& t) {
      return t.first("SELECT hash FROM " + table, {},
                     [](const db::Row& row) { return row.string(0); });
    });
  };
  EXPECT_EQ(stored("one_time_links"), view(sha256_hex(issued.secret)));
  EXPECT_EQ(stored("member_sessions"), view(sha256_hex(session)));
}

TEST_P(MembersTest, ASessionEndsUnusedAndAfterAWeek) {
  const std::string ann = add("ann@example.org", Role::owner);
  const auto start = [&] {
    return in_write([&](db::Transaction& t) { return start_session(t, ann, now()); });
  };
  const auto is_open = [&](const std::string& secret) {
    return database().get(
        [&](db::Transaction& t) { return find_session(t, secret, now()).has_value(); });
  };
  const std::string unused = start();
  const std::string used = start();
  for (auto passed = 0h; passed < session_whole_life; passed += 11h) {
    EXPECT_TRUE(is_open(used)) << passed.count();
    write([&](db::Transaction& t) { touch_session(t, used, now()); });
    clock().advance(11h);
    EXPECT_EQ(is_open(unused), passed == 0h);
  }
  EXPECT_FALSE(is_open(used));
}

TEST_P(MembersTest, OneSessionTooManyEndsTheOldest) {
  const std::string ann = add("ann@example.org", Role::owner);
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i <= max_sessions_of_member; ++i) {
    clock().advance(1s);
    secrets.push_back(in_write([&](db::Transaction& t) { return start_session(t, ann, now()); }));
  }
  database().read([&](db::Transaction& t) {
    EXPECT_FALSE(find_session(t, secrets.front(), now()));
    for (std::size_t i = 1; i < secrets.size(); ++i) {
      EXPECT_TRUE(find_session(t, secrets[i], now())) << i;
    }
  });
}

TEST_P(MembersTest, SignInIsThrottledByAccountAndAddress) {
  add("ann@example.org", Role::owner);
  SignIn sign_in(database(), hasher_, clock());
  const auto refused = [&](const std::string& email, const std::string& password) {
    try {
      sign_in.verify(email, password);
      return std::string();
    } catch (const Error& error) {
      return std::string(callboard::name_of(error.code()));
    }
  };
  EXPECT_EQ(refused("ann@example.org", "correct horse"), "");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(refused("ann@example.org", "x"), "unauthenticated");
  EXPECT_EQ(refused("ann@example.org", "correct horse"), "too_many");
  EXPECT_EQ(refused("bob@example.org", "correct horse"), "unauthenticated");
  clock().advance(12s);
  EXPECT_EQ(refused("ann@example.org", "correct horse"), "");

  const auto attempts = [&](const std::string& address) {
    int passed = 0;
    for (; passed < 100; ++passed) {
      try {
        sign_in.throttle_address(address);
      } catch (const Error&) {
        break;
      }
    }
    return passed;
  };
  EXPECT_EQ(attempts("192.0.2.1"), 20);
  EXPECT_EQ(attempts("192.0.2.2"), 20);
  EXPECT_EQ(attempts("2001:db8::1"), 20);
  EXPECT_EQ(attempts("2001:db8::2:3"), 0);
  EXPECT_EQ(attempts("2001:db8:0:1::1"), 20);
}

TEST_P(MembersTest, SoManyHashesAtOnce) {
  const std::string stored = hasher_.hash("correct horse");
  EXPECT_TRUE(stored.starts_with("$argon2id$"));
  {
    const PasswordHasher::Place one(hasher_), two(hasher_), three(hasher_);
    EXPECT_THROW(hasher_.hash("x"), Error);
    EXPECT_THROW(hasher_.verify("correct horse", stored), Error);
  }
  EXPECT_TRUE(hasher_.verify("correct horse", stored));
  EXPECT_FALSE(hasher_.verify("correct horse ", stored));
  EXPECT_FALSE(hasher_.verify("", ""));
}

TEST_P(MembersTest, KnowsPasswords) {
  EXPECT_TRUE(is_password("1234567890"));
  EXPECT_TRUE(is_password("密碼密碼密碼密碼密碼"));
  EXPECT_FALSE(is_password("123456789"));
  EXPECT_FALSE(is_password(std::string(1025, 'x')));
  EXPECT_FALSE(is_password("123456789\xff"));
}

INSTANTIATE_STORE_TESTS(MembersTest);

// --- cookies and origins ---

http::Request request_with(const std::vector<http::Header>& headers, bool secure = false) {
  http::Request request;
  request.headers = headers;
  request.secure = secure;
  return request;
}

TEST(SessionCookie, IsFoundAmongOthers) {
  const auto found = [](std::string_view value, bool secure = false) {
    const std::vector<http::Header> headers = {{"cookie", value}};
    return std::string(session_cookie(request_with(headers, secure)).value_or("none"));
  };
  EXPECT_EQ(found("callboard_session=abc"), "abc");
  EXPECT_EQ(found("a=b; callboard_session=abc; c=d"), "abc");
  EXPECT_EQ(found("xcallboard_session=abc"), "none");
  EXPECT_EQ(found("callboard_sessions=abc"), "none");
  EXPECT_EQ(found(""), "none");
  EXPECT_EQ(found(";;;"), "none");
  EXPECT_EQ(found("callboard_session=abc", true), "none");
  EXPECT_EQ(found("__Host-callboard_session=abc", true), "abc");
}

TEST(OwnAddress, KnowsPagesOfItsOwn) {
  const OwnAddress here;
  const OwnAddress named("https://board.example.org/base");
  const auto own = [](const OwnAddress& address, std::vector<http::Header> headers) {
    headers.push_back({"Host", "localhost:8000"});
    try {
      address.require_own_page(request_with(headers));
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  EXPECT_TRUE(own(here, {{"Origin", "http://localhost:8000"}}));
  EXPECT_FALSE(own(here, {{"Origin", "https://localhost:8000"}}));
  EXPECT_FALSE(own(here, {{"Origin", "http://localhost"}}));
  EXPECT_FALSE(own(here, {{"Origin", "null"}}));
  EXPECT_FALSE(own(here, {{"Origin", ""}}));
  EXPECT_FALSE(own(here, {}));
  EXPECT_TRUE(own(here, {{"Sec-Fetch-Site", "same-origin"}}));
  EXPECT_FALSE(own(here, {{"Sec-Fetch-Site", "same-site"}}));
  EXPECT_FALSE(own(here, {{"Sec-Fetch-Site", "none"}}));
  EXPECT_FALSE(own(here, {{"Origin", "https://board.example.org"}}));
  EXPECT_TRUE(own(named, {{"Origin", "https://board.example.org"}}));
  EXPECT_TRUE(own(named, {{"Origin", "http://localhost:8000"}}));
  EXPECT_FALSE(own(named, {{"Origin", "https://board.example.org.evil.example"}}));
}

TEST(OwnAddress, MakesLinks) {
  const std::vector<http::Header> headers = {{"Host", "localhost:8000"}};
  EXPECT_EQ(OwnAddress().link(request_with(headers), "s"), "http://localhost:8000/link#s");
  EXPECT_EQ(OwnAddress("https://b.example/x/").link("http://a", "s"), "https://b.example/x/link#s");
  EXPECT_EQ(OwnAddress().link("http://a", "s"), "http://a/link#s");
}

}  // namespace
}  // namespace callboard::identity
