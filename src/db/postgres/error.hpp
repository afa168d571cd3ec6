#pragma once

// What PostgreSQL's SQLSTATE codes mean to the project. Only for db/postgres/.
// Codes: https://www.postgresql.org/docs/15/errcodes-appendix.html

#include <libpq-fe.h>

#include <string_view>

#include "base/error.hpp"

namespace callboard::db::postgres {

// conflict for unique and foreign keys; unavailable, with a time to come back, for what may pass
// (lost connection, locks, deadlock, time-outs, resources, a server that starts or stops); else
// internal.
ErrorCode meaning_of(std::string_view sqlstate);

// `doing` and the server's own message go into the private detail. A result without a SQLSTATE is a
// lost connection.
Error error_of(const PGresult* result, std::string_view doing);
Error lost_connection(std::string_view why);
// A use of the seam that no database would accept: a bug.
Error misuse(std::string_view what, std::string_view sql);

}  // namespace callboard::db::postgres
