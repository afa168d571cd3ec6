#include "db/postgres/error.hpp"

#include <fmt/format.h>

#include <chrono>

namespace callboard::db::postgres {
namespace {

constexpr std::chrono::seconds come_back_after{1};

// libpq's messages have several lines, and end with a break.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_space = c == '\n' || c == '\t' || c == ' ';
    if (!is_space)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

Error unavailable(std::string detail) {
  return Error(ErrorCode::unavailable, "the database is not available now")
      .with_private(std::move(detail))
      .with_retry_after(come_back_after);
}

}  // namespace

ErrorCode meaning_of(std::string_view sqlstate) {
  if (sqlstate.empty()) return ErrorCode::unavailable;
  for (const std::string_view key : {"23503", "23505"}) {
    if (sqlstate == key) return ErrorCode::conflict;
  }
  // 08P01 is the protocol's word for another number of values than parameters.
  if (sqlstate == "08P01") return ErrorCode::internal;
  for (const std::string_view passing : {"40001", "40P01", "55P03", "57014", "25P03", "25P02"}) {
    if (sqlstate == passing) return ErrorCode::unavailable;
  }
  // Connection, resources, operator's intervention (a shutdown), system (disk).
  for (const std::string_view kind : {"08", "53", "57", "58"}) {
    if (sqlstate.starts_with(kind)) return ErrorCode::unavailable;
  }
  return ErrorCode::internal;
}

Error error_of(const PGresult* result, std::string_view doing) {
  const char* const field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view sqlstate = field != nullptr ? field : "";
  auto detail = fmt::format("PostgreSQL {} ({}) at: {}", sqlstate,
                            in_one_line(PQresultErrorMessage(result)), doing);
  switch (meaning_of(sqlstate)) {
    case ErrorCode::conflict:
      return Error(ErrorCode::conflict, "this contradicts what is stored")
          .with_private(std::move(detail));
    case ErrorCode::unavailable:
      return unavailable(std::move(detail));
    default:
      return Error(ErrorCode::internal, "the database failed").with_private(std::move(detail));
  }
}

Error lost_connection(std::string_view why) {
  return unavailable(fmt::format("PostgreSQL: {}", in_one_line(why)));
}

Error misuse(std::string_view what, std::string_view sql) {
  return Error(ErrorCode::internal, "the database failed")
      .with_private(fmt::format("{} at: {}", what, sql));
}

}  // namespace callboard::db::postgres
