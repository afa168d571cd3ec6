#include "db/sqlite/transaction.hpp"

#include "base/error.hpp"

namespace callboard::db::sqlite {

std::int64_t SqliteTransaction::run(std::string_view sql, Values values) {
  return connection_.execute(sql, values);
}

void SqliteTransaction::run(std::string_view sql, Values values,
                            const std::function<void(const Row&)>& each) {
  connection_.query(sql, values, each);
}

std::string SqliteTransaction::numbers_in(std::string_view parameter) const {
  return "(SELECT value AS number FROM json_each(" + std::string(parameter) + "))";
}

std::string SqliteTransaction::texts_in(std::string_view parameter) const {
  return "(SELECT value AS text FROM json_each(" + std::string(parameter) + "))";
}

void SqliteTransaction::announce(std::string_view app_id, std::string_view kind,
                                 std::string_view key) {
  execute("INSERT INTO changes (app_id, kind, key, at_ms) VALUES ($1, $2, $3, $4)",
          {app_id, kind, key, unix_ms(clock_.now())});
  changes_.push_back(
      {connection_.last_insert_id(), std::string(app_id), std::string(kind), std::string(key)});
}

void SqliteTransaction::require_committable() const {
  require_unbroken();
  if (connection_.owes_foreign_keys()) {
    throw Error(ErrorCode::conflict, "this contradicts what is stored")
        .with_private("a deferred foreign key was not satisfied");
  }
}

}  // namespace callboard::db::sqlite
