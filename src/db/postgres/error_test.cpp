#include "db/postgres/error.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::db::postgres {
namespace {

// https://www.postgresql.org/docs/15/errcodes-appendix.html
TEST(PostgresError, AContradictionIsAConflict) {
  EXPECT_EQ(meaning_of("23505"), ErrorCode::conflict);  // unique_violation
  EXPECT_EQ(meaning_of("23503"), ErrorCode::conflict);  // foreign_key_violation
}

TEST(PostgresError, WhatPassesIsUnavailable) {
  for (const auto* passing : {"", "08006", "08003", "53300", "53100", "57P01", "57P03", "57014",
                              "58030", "40001", "40P01", "55P03", "25P03"}) {
    EXPECT_EQ(meaning_of(passing), ErrorCode::unavailable) << passing;
  }
}

TEST(PostgresError, MistakesOfOursAreInternal) {
  for (const auto* mistake : {"42601", "42P01", "22P02", "22021", "23502", "08P01", "XX000"}) {
    EXPECT_EQ(meaning_of(mistake), ErrorCode::internal) << mistake;
  }
}

TEST(PostgresError, ALostConnectionSaysWhenToComeBack) {
  const Error error = lost_connection("why");
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_TRUE(error.retry_after().has_value());
  EXPECT_EQ(error.message().find("why"), std::string::npos);
  EXPECT_EQ(lost_connection("refused\n\tIs it there?\n").private_detail(),
            "PostgreSQL: refused Is it there?");
}

}  // namespace
}  // namespace callboard::db::postgres
