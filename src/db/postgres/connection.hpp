#pragma once

// One connection to PostgreSQL with its prepared statements. Owned by a pool, a writer, the
// follower or one call; used by one thread at a time. Blocks, but never for longer than its
// limits, whatever the server or the network does (a name's look-up apart, which is the system's
// resolver's affair): then it is lost. Every error is thrown as Error
// (see error.hpp). https://www.postgresql.org/docs/15/libpq.html

#include <libpq-fe.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "db/database.hpp"
#include "db/open.hpp"
#include "db/postgres/result.hpp"

namespace callboard::db::postgres {

struct Host;

enum class Route {
  direct,  // to the server: statements stay prepared, limits are the session's
  pooled,  // through PgBouncer in transaction mode, where the next transaction may run in another
           // session: nothing may outlive the transaction
};

class Connection {
 public:
  // Statements kept prepared; beyond that the one unused longest goes.
  static constexpr std::size_t cached_statements = 256;
  static constexpr std::chrono::hours unlimited{24 * 30};

  // Throws Error: unavailable; invalid (a server too old, or one that does not store UTF-8).
  Connection(const std::string& url, const Limits& limits, Route route = Route::direct);

  // As Transaction's. Rows come as the server sends them, so that no result need fit into memory;
  // only where `each` runs another statement, what is still to come is kept for after it.
  std::int64_t execute(std::string_view sql, Values values = {});
  void query(std::string_view sql, Values values, const std::function<void(const Row&)>& each);
  // Any number of statements, without values.
  void run_script(const std::string& sql);
  // A statement that begins or ends a transaction: one round trip, and not kept prepared.
  void run_command(const char* sql) { run_script(sql); }
  // `how`: "BEGIN ...".
  void begin(const char* how);

  // Nothing limits the statements that follow: for migrations and copies, which may take long.
  void set_unlimited();
  // Whether it waits without limit for the server's answers.
  void be_patient(bool is_patient) { patience_ = is_patient ? unlimited : limited_; }

  bool is_lost() const { return handle_ == nullptr || PQstatus(handle_.get()) != CONNECTION_OK; }
  // Whether a later user could be misled by it: lost, inside a transaction, or with statements that
  // the server no longer knows.
  bool is_spoiled() const;
  bool in_transaction() const;
  bool can_commit() const;
  PGconn* handle() const { return handle_.get(); }

  // For COPY, whose data the caller sends or takes: sends the statement and returns its result.
  Result start(const std::string& sql);
  // The rest of a statement's results; throws the first error among them.
  Result finish(std::string_view doing);

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Close {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  struct Prepared {
    std::string name;
    std::uint64_t last_use = 0;
  };

  void connect(const std::string& url, std::chrono::milliseconds timeout);
  void connect_to(const std::string& url, const Host& host, std::chrono::milliseconds timeout);
  void finish_connecting(Deadline end);
  void require_server() const;
  void send(std::string_view sql, Values values);
  class Rows;  // of the query under way
  Error failure(const PGresult* result, std::string_view doing);
  const std::string& prepared(std::string_view sql, Values values);
  void forget_oldest();
  void require_sent(int sent, std::string_view doing);
  void send_all(Deadline deadline);
  Result take_one(Deadline deadline);
  void wait(short events, Deadline deadline);
  Deadline deadline() const;

  std::unique_ptr<PGconn, Close> handle_;
  const Route route_;
  std::string limits_;                  // as statements; empty: the session has them
  std::chrono::milliseconds limited_;   // a statement's time and a little more
  std::chrono::milliseconds patience_;  // that, or unlimited
  std::unordered_map<std::string, Prepared> statements_;
  std::uint64_t uses_ = 0;
  bool statements_are_stale_ = false;
  Rows* rows_ = nullptr;  // of the query whose callback is running
};

}  // namespace callboard::db::postgres
