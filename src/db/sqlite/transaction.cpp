#include "db/sqlite/transaction.hpp"

#include "base/error.hpp"

namespace callboard::db::sqlite {

// The first error stays: PostgreSQL's transactions cannot go on after one, so these must not
// either.
std::int64_t SqliteTransaction::execute(std::string_view sql, Values values) {
  if (failure_) std::rethrow_exception(failure_);
  try {
    return connection_.execute(sql, values);
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

void SqliteTransaction::query(std::string_view sql, Values values,
                              const std::function<void(const Row&)>& each) {
  bool in_callback = false;  // what `each` throws is the caller's own affair
  const std::function<void(const Row&)> watched = [&](const Row& row) {
    in_callback = true;
    each(row);
    in_callback = false;
  };
  if (failure_) std::rethrow_exception(failure_);
  try {
    connection_.query(sql, values, watched);
  } catch (...) {
    if (!in_callback) failure_ = std::current_exception();
    throw;
  }
}

void SqliteTransaction::announce(std::string_view app_id, std::string_view kind,
                                 std::string_view key) {
  execute("INSERT INTO changes (app_id, kind, key, at_ms) VALUES ($1, $2, $3, $4)",
          {app_id, kind, key, unix_ms(clock_.now())});
  changes_.push_back(
      {connection_.last_insert_id(), std::string(app_id), std::string(kind), std::string(key)});
}

void SqliteTransaction::require_committable() const {
  if (failure_) std::rethrow_exception(failure_);
  if (connection_.owes_foreign_keys()) {
    throw Error(ErrorCode::conflict, "this contradicts what is stored")
        .with_private("a deferred foreign key was not satisfied");
  }
}

}  // namespace callboard::db::sqlite
