#pragma once

// One transaction on a connection: begun by the constructor, rolled back by the destructor unless
// committed. Lives on the stack of the thread that runs the work.

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "db/guarded_transaction.hpp"
#include "db/postgres/connection.hpp"
#include "db/postgres/connector.hpp"

namespace callboard::db::postgres {

enum class Access {
  read,   // a snapshot that refuses every change
  write,  // read committed: each statement sees what was committed before it
};

class PostgresTransaction final : public GuardedTransaction {
 public:
  // What is announced is appended to `changes`, when given.
  PostgresTransaction(Connection& connection, Access access, const Clock& clock,
                      std::vector<Change>* changes = nullptr);
  ~PostgresTransaction() override;
  PostgresTransaction(const PostgresTransaction&) = delete;
  PostgresTransaction& operator=(const PostgresTransaction&) = delete;

  void lock(std::string_view name) override;
  std::string_view skip_locked() const override { return " FOR UPDATE SKIP LOCKED"; }
  std::string hold_rows(std::string_view table) const override;
  std::string share_rows(std::string_view table) const override;
  std::string numbers_in(std::string_view parameter) const override;
  std::string texts_in(std::string_view parameter) const override;
  void take_your_time() override;
  void announce(std::string_view app_id, std::string_view kind, std::string_view key) override;
  // Throws the error that the work swallowed, or what the commit failed of. After a connection that
  // was lost here it may be committed or not.
  void commit();

 private:
  std::int64_t run(std::string_view sql, Values values) override;
  void run(std::string_view sql, Values values,
           const std::function<void(const Row&)>& each) override;

  Connection& connection_;
  const Clock& clock_;
  std::vector<Change>* changes_;
};

// Begins on `connection`, which is made anew where there is none or the server has hung up on it
// since it was last used: nothing was under way there, so nobody need hear of it.
PostgresTransaction begin(std::unique_ptr<Connection>& connection, Connector& connector,
                          Access access, const Clock& clock,
                          std::vector<Change>* changes = nullptr);

}  // namespace callboard::db::postgres
