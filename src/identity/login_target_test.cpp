#include "identity/login_target.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::identity {
namespace {

audience::AppSettings festival() {
  audience::AppSettings settings;
  settings.front_end_url = "https://fest.example/bikefest";
  settings.allowed_origins = {"https://fest.example", "http://localhost:5173"};
  return settings;
}

std::string target(std::string_view path, std::optional<std::string_view> referer = {}) {
  return login_target(festival(), referer, path);
}

TEST(LoginTarget, IsThePathFromTheOrigin) {
  EXPECT_EQ(target("/main-stage"), "https://fest.example/main-stage");
  EXPECT_EQ(target("/bikefest/main-stage?tab=2#top"),
            "https://fest.example/bikefest/main-stage?tab=2#top");
  EXPECT_EQ(target(""), "https://fest.example/bikefest");
}

// A Referer that held the page's whole address once led to ".../main-stage/bikefest/main-stage".
TEST(LoginTarget, NeverRepeatsThePath) {
  for (const auto* referer :
       {"https://fest.example/bikefest/main-stage", "https://fest.example/bikefest/",
        "https://fest.example/", "https://fest.example",
        "https://fest.example/bikefest/main-stage?x=https://evil.example/"}) {
    EXPECT_EQ(target("/bikefest/main-stage", referer), "https://fest.example/bikefest/main-stage");
    EXPECT_EQ(target("", referer), "https://fest.example/bikefest");
  }
}

TEST(LoginTarget, TakesTheOriginOfAnAllowedRefererOnly) {
  EXPECT_EQ(target("/a", "http://localhost:5173/x"), "http://localhost:5173/a");
  EXPECT_EQ(target("", "http://localhost:5173/"), "http://localhost:5173/bikefest");
  for (const auto* referer :
       {"https://evil.example/", "https://fest.example.evil.example/", "http://fest.example/",
        "https://fest.example:444/", "https://fest.example@evil.example/", "nonsense", "",
        "https://evil.example/https://fest.example/", "//fest.example/", "data:text/html,x"}) {
    EXPECT_EQ(target("/a", referer), "https://fest.example/a") << referer;
  }
}

TEST(LoginTarget, RefusesWhatIsNoLocalPath) {
  for (const auto* path : {"//evil.example",
                           "///evil.example",
                           "/\\evil.example",
                           "\\/evil.example",
                           "\\\\evil",
                           "https://evil.example",
                           "https:evil.example",
                           "javascript:alert(1)",
                           "main-stage",
                           " /a",
                           "/\t/evil.example",
                           "\t//evil.example",
                           "/a\r\nSet-Cookie: x=y",
                           "/a\\b",
                           ".evil.example",
                           "@evil.example",
                           ":80@evil.example",
                           "?x",
                           "#x",
                           "/\x7f",
                           "%2f%2fevil.example"}) {
    EXPECT_THROW(target(path), Error) << path;
  }
  EXPECT_THROW(target("/" + std::string(max_redirect_path_bytes, 'a')), Error);
  EXPECT_THROW(target(std::string_view("/a\0b", 4)), Error);
}

TEST(LoginTarget, KeepsTrickyPathsOnItsOwnOrigin) {
  EXPECT_EQ(target("/.//evil.example"), "https://fest.example/.//evil.example");
  EXPECT_EQ(target("/%2f%2fevil.example"), "https://fest.example/%2f%2fevil.example");
  EXPECT_EQ(target("/@evil.example"), "https://fest.example/@evil.example");
  EXPECT_EQ(target("/%0d%0a"), "https://fest.example/%0d%0a");
}

TEST(LoginTarget, EscapesWhatAHeaderCantHold) {
  EXPECT_EQ(target("/舞台 1"), "https://fest.example/%E8%88%9E%E5%8F%B0%201");
  EXPECT_EQ(target("/100%?a=\"b\"#c#d"), "https://fest.example/100%25?a=%22b%22#c%23d");
}

TEST(LoginTarget, StaysHereWithoutAFrontEnd) {
  EXPECT_EQ(login_target({}, "https://evil.example/", "/demo"), "/demo");
  EXPECT_EQ(login_target({}, {}, ""), "/");
  EXPECT_THROW(login_target({}, {}, "//evil.example"), Error);
}

TEST(LoginTarget, TakesAnotherQueryPair) {
  EXPECT_EQ(with_query_pair("https://f/a", "login_error", "access_denied"),
            "https://f/a?login_error=access_denied");
  EXPECT_EQ(with_query_pair("/a?b=c#d", "e", "x y&z"), "/a?b=c&e=x%20y%26z#d");
}

}  // namespace
}  // namespace callboard::identity
