#pragma once

// The transaction that a write or a read is given. Lives on the stack of the thread that runs the
// work, inside a transaction or savepoint that its maker began and ends.

#include <vector>

#include "base/clock.hpp"
#include "db/guarded_transaction.hpp"
#include "db/sqlite/connection.hpp"

namespace callboard::db::sqlite {

class SqliteTransaction final : public GuardedTransaction {
 public:
  // What is announced is appended to `changes`.
  SqliteTransaction(Connection& connection, const Clock& clock, std::vector<Change>& changes)
      : connection_(connection), clock_(clock), changes_(changes) {}

  // There is one writer.
  void lock(std::string_view) override {}
  std::string_view skip_locked() const override { return ""; }
  std::string hold_rows(std::string_view) const override { return {}; }
  std::string share_rows(std::string_view) const override { return {}; }
  std::string numbers_in(std::string_view parameter) const override;
  std::string texts_in(std::string_view parameter) const override;
  void take_your_time() override {}
  void announce(std::string_view app_id, std::string_view kind, std::string_view key) override;

  // Throws what must keep it from being committed: an error that the work swallowed, or a foreign
  // key that is still owed.
  void require_committable() const;

 private:
  std::int64_t run(std::string_view sql, Values values) override;
  void run(std::string_view sql, Values values,
           const std::function<void(const Row&)>& each) override;

  Connection& connection_;
  const Clock& clock_;
  std::vector<Change>& changes_;
};

}  // namespace callboard::db::sqlite
