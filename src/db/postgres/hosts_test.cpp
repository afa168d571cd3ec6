#include "db/postgres/hosts.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::db::postgres {
namespace {

std::string shown(const std::string& url) {
  std::string text;
  for (const Host& host : hosts_of(url)) text += host.host + ":" + host.port + " ";
  return text;
}

TEST(PostgresHosts, AreAllThatTheUrlNames) {
  EXPECT_EQ(shown("postgres://u:p@one/db"), "one: ");
  EXPECT_EQ(shown("postgres://one,two:5433/db?target_session_attrs=read-write"),
            "one:5432 two:5433 ");
  EXPECT_EQ(shown("postgres://one:5433,two/db"), "one:5433 two:5432 ");
  EXPECT_EQ(shown("postgres://one,two:5433,three/db"), "one:5432 two:5433 three:5432 ");
  EXPECT_EQ(shown("postgres:///db?host=one,two&port=6000"), "one:6000 two:6000 ");
  EXPECT_EQ(shown("postgres:///db"), ": ");
  EXPECT_EQ(hosts_of("postgres:///db?hostaddr=127.0.0.1,127.0.0.2").back().hostaddr, "127.0.0.2");
}

TEST(PostgresHosts, RefuseAnOddUrl) {
  for (const auto* odd : {"postgres://one/db?no_such_parameter=1", "postgres://one:port:port/%",
                          "postgres:///db?host=one,two,three&port=1,2"}) {
    try {
      hosts_of(odd);
      ADD_FAILURE() << odd;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid);
    }
  }
}

}  // namespace
}  // namespace callboard::db::postgres
