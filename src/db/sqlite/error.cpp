#include "db/sqlite/error.hpp"

#include <fmt/format.h>

namespace callboard::db::sqlite {
namespace {

ErrorCode meaning_of(int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return ErrorCode::conflict;
    // A write in a read: our bug. The extended forms of it are the file system's doing.
    case SQLITE_READONLY:
      return ErrorCode::internal;
    default:
      break;
  }
  switch (extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::internal;
  }
}

std::string_view public_message(ErrorCode code) {
  switch (code) {
    case ErrorCode::conflict:
      return "this contradicts what is stored";
    case ErrorCode::unavailable:
      return "the database is not available now";
    default:
      return "the database failed";
  }
}

}  // namespace

Error error_of(sqlite3* handle, int code, std::string_view doing) {
  const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : code;
  // The handle may speak of another call by now; the code that was returned is the truth.
  const int known = (extended & 0xff) == (code & 0xff) ? extended : code;
  const ErrorCode meaning = meaning_of(known);
  return Error(meaning, std::string(public_message(meaning)))
      .with_private(fmt::format("SQLite {} ({}) at: {}", known,
                                handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code),
                                doing));
}

}  // namespace callboard::db::sqlite
