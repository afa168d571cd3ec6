#include "db/sqlite/transaction.hpp"

#include "base/error.hpp"

namespace callboard::db::sqlite {

// The first error stays: PostgreSQL's transactions cannot go on after one, so these must not
// either.
template <class Function>
auto SqliteTransaction::guarded(Function&& function) {
  if (failure_) std::rethrow_exception(failure_);
  try {
    return function();
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

std::int64_t SqliteTransaction::execute(std::string_view sql, Values values) {
  return guarded([&] { return connection_.execute(sql, values); });
}

void SqliteTransaction::query(std::string_view sql, Values values,
                              const std::function<void(const Row&)>& each) {
  guarded([&] { connection_.query(sql, values, each); });
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
