#pragma once

// The seam between the features and whichever database holds the data. A feature sees only
// Database, Transaction and Row, and writes SQL that SQLite and PostgreSQL both understand
// ($1 parameters, ON CONFLICT, RETURNING, integers for times in Unix ms, JSON as text).
//
// A Database is owned by app/ and safe to use from any thread. A Transaction belongs to the
// function it was given to and to its thread; a Row is valid only during the callback that receives
// it.

#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace callboard::db {

// A statement's parameter. Text views must live until the call returns.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string_view>;
using Values = std::initializer_list<Value>;

// One result row; columns count from 0. Asking for the wrong kind throws Error{internal}.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  std::string string(int column) const { return std::string(text(column)); }
  std::optional<std::string> optional_string(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
};

// What changed, for everybody who keeps something of it in memory: on this node and, through the
// change log, on every other one.
// An empty kind says that anything may have changed: this node was away for longer than the log is
// kept. Forget everything.
struct Change {
  std::int64_t sequence = 0;  // grows; given by the database
  std::string app_id;         // may be empty: not of one app
  std::string kind;           // "board", "attributes", "app", "revocation", ...
  std::string key;            // what of that kind; may be empty: all of it
};

// After an error from a statement the transaction is lost, even if `work` catches it: whatever it
// does next fails, nothing of it is kept, and the error is its outcome. (PostgreSQL has it so.)
class Transaction {
 public:
  virtual ~Transaction() = default;
  // Runs one statement; returns how many rows it changed. Errors: conflict (a unique or foreign key
  // constraint), unavailable (busy, lost connection), internal (anything else).
  virtual std::int64_t execute(std::string_view sql, Values values = {}) = 0;
  virtual void query(std::string_view sql, Values values,
                     const std::function<void(const Row&)>& each) = 0;
  // Until this transaction ends, no other one that locks the same name runs. For a work that
  // decides by what it reads (a count, a last owner): what it reads after this is what the other
  // one left. Statements that decide for themselves (ON CONFLICT, an UPDATE of one row) need none.
  // A work that takes several takes them in one order, so that two never wait for each other.
  virtual void lock(std::string_view name) = 0;
  // To the end of a SELECT within a DELETE or UPDATE that any of many rows will do for (the oldest,
  // the next): leaves out those that another transaction has taken, instead of waiting for it.
  virtual std::string_view skip_locked() const = 0;
  // To the end of a SELECT whose rows of `table` must stay as they are until this transaction ends:
  // it waits for those who are changing them, and sees what they left. share_rows(): others may do
  // the same at the same time.
  virtual std::string hold_rows(std::string_view table) const = 0;
  virtual std::string share_rows(std::string_view table) const = 0;
  // In the place of a table: the whole numbers of the JSON array that `parameter` ("$1") is, in one
  // column `number`.
  virtual std::string numbers_in(std::string_view parameter) const = 0;
  // The same for an array of texts, in one column `text`.
  virtual std::string texts_in(std::string_view parameter) const = 0;
  // For a work that somebody asked for and waits for, however long it takes (deleting an
  // application with a million users): its statements have no limit of time.
  virtual void take_your_time() = 0;
  // Writes the change log in this transaction; followers hear of it after the commit.
  virtual void announce(std::string_view app_id, std::string_view kind, std::string_view key) = 0;

  // The first row through `read`, or nothing.
  template <class Read>
  auto first(std::string_view sql, Values values, Read&& read)
      -> std::optional<std::invoke_result_t<Read&, const Row&>> {
    std::optional<std::invoke_result_t<Read&, const Row&>> result;
    query(sql, values, [&](const Row& row) {
      if (!result) result.emplace(read(row));
    });
    return result;
  }
};

using Work = std::function<void(Transaction&)>;
// Called once, with null after the commit, else with what went wrong; on a database thread, which
// it must not block: hand long work on.
using Completion = std::function<void(std::exception_ptr)>;

class Database {
 public:
  virtual ~Database() = default;

  // Runs `work` on the calling thread in a read-only snapshot. Blocks.
  virtual void read(const Work& work) = 0;
  // Queues `work` for a writer, which runs it in a transaction of its own (on SQLite a savepoint of
  // a group that shares one commit; on PostgreSQL beside others, see Transaction::lock). If `work`
  // throws, only its own changes are undone and `done` gets the exception. Never blocks; a full
  // queue, or a stopped database, calls `done` with Error{unavailable} before it returns. After the
  // commit: first the subscribers of its changes are called, then `done`.
  virtual void write(Work work, Completion done) = 0;
  // The same, waiting: for the command line and tests. Rethrows.
  void write_and_wait(Work work);

  // Called with every change committed by this or any other node, in order of commit for this
  // node's, at least once, on a database thread. Subscribe before start_following().
  virtual void on_change(std::function<void(const Change&)> subscriber) = 0;
  // Starts following the change log of other nodes (polls once a second).
  virtual void start_following() = 0;
  // Looks at the change log now, on the calling thread: for a wake-up from outside, and for tests.
  virtual void poll_changes() = 0;
  // Ends the following, finishes what is queued and calls nobody after it returns; reads still
  // work. For the owner of subscribers that die before the database. Idempotent; the destructor
  // does it too.
  virtual void stop() = 0;

  // Whether other nodes write to it at the same time, so that this process's memory is not the
  // whole truth between two looks at the change log.
  virtual bool is_shared() const = 0;
  // For /readyz: throws if the database does not answer or its schema is not this program's.
  virtual void check() = 0;

  // read() with a result.
  template <class Function>
  auto get(Function&& function) {
    std::optional<std::invoke_result_t<Function&, Transaction&>> result;
    read([&](Transaction& transaction) { result.emplace(function(transaction)); });
    return std::move(*result);
  }
};

}  // namespace callboard::db
