#include "db/postgres/transaction.hpp"

#include "base/error.hpp"
#include "db/postgres/error.hpp"

namespace callboard::db::postgres {

PostgresTransaction::PostgresTransaction(Connection& connection, Access access, const Clock& clock,
                                         std::vector<Change>* changes)
    : connection_(connection), clock_(clock), changes_(changes) {
  connection_.begin(access == Access::read ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                           : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
}

PostgresTransaction::~PostgresTransaction() {
  connection_.be_patient(false);
  if (!connection_.in_transaction()) return;
  try {
    connection_.run_command("ROLLBACK");
  } catch (const std::exception&) {
    // The connection is lost, and the transaction with it.
  }
}

std::int64_t PostgresTransaction::run(std::string_view sql, Values values) {
  return connection_.execute(sql, values);
}

void PostgresTransaction::run(std::string_view sql, Values values,
                              const std::function<void(const Row&)>& each) {
  connection_.query(sql, values, each);
}

// Two names may share a number; then one waits for nothing.
void PostgresTransaction::lock(std::string_view name) {
  execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/' || $1, 0))",
          {name});
}

void PostgresTransaction::take_your_time() {
  execute("SET LOCAL statement_timeout = 0", {});
  connection_.be_patient(true);
}

std::string PostgresTransaction::hold_rows(std::string_view table) const {
  // Not FOR UPDATE, for which those who write rows that refer to these would have to wait.
  return " FOR NO KEY UPDATE OF " + std::string(table);
}

std::string PostgresTransaction::share_rows(std::string_view table) const {
  return " FOR SHARE OF " + std::string(table);
}

std::string PostgresTransaction::numbers_in(std::string_view parameter) const {
  return "(SELECT CAST(value AS BIGINT) AS number FROM json_array_elements_text(CAST(" +
         std::string(parameter) + " AS JSON)))";
}

std::string PostgresTransaction::texts_in(std::string_view parameter) const {
  return "(SELECT value AS text FROM json_array_elements_text(CAST(" + std::string(parameter) +
         " AS JSON)))";
}

void PostgresTransaction::announce(std::string_view app_id, std::string_view kind,
                                   std::string_view key) {
  const auto sequence = first(
      "INSERT INTO changes (app_id, kind, key, at_ms) VALUES ($1, $2, $3, $4) RETURNING seq",
      {app_id, kind, key, unix_ms(clock_.now())}, [](const Row& row) { return row.integer(0); });
  if (changes_ == nullptr) return;
  changes_->push_back(
      {sequence.value_or(0), std::string(app_id), std::string(kind), std::string(key)});
}

void PostgresTransaction::commit() {
  require_unbroken();
  // A COMMIT of what has failed would be answered as if all were well.
  if (!connection_.can_commit()) throw lost_connection("the transaction has failed");
  connection_.run_command("COMMIT");
}

PostgresTransaction begin(std::unique_ptr<Connection>& connection, Connector& connector,
                          Access access, const Clock& clock, std::vector<Change>* changes) {
  if (connection != nullptr && !connection->is_spoiled()) {
    try {
      return PostgresTransaction(*connection, access, clock, changes);
    } catch (const Error&) {
      if (!connection->is_lost()) throw;
    }
  }
  connection.reset();
  connection = connector.connect();
  return PostgresTransaction(*connection, access, clock, changes);
}

}  // namespace callboard::db::postgres
