#pragma once

// Which database, how large its queues and pools are, and how to open it. The Options' clock and
// metrics must outlive the Database. Opening blocks; call it from one thread, before serving.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "db/migrations.hpp"

namespace callboard::db {

struct Limits {
  // Reads that run at once; a further one waits for its turn at most this long, then is
  // unavailable.
  std::size_t readers = 8;
  std::chrono::milliseconds reader_wait{5'000};
  // Writes that wait; one more is unavailable at once.
  std::size_t queued_writes = 8'192;
  // One commit is shared by so many writes, and by what could be started within this time.
  std::size_t group_writes = 256;
  std::chrono::milliseconds group_time{50};
  // How long another process's lock (the command line at work beside the server) is waited for.
  std::chrono::milliseconds busy_timeout{5'000};

  // PostgreSQL's alone. Writes that run at once, each on a connection of its own.
  std::size_t writers = 8;
  // How long a connection may take to be made, a statement to run, a lock to come free, and a
  // transaction of ours to be left alone by us before the server gives it up.
  std::chrono::milliseconds connect_time{3'000};
  std::chrono::milliseconds statement_time{10'000};
  std::chrono::milliseconds lock_time{5'000};
  std::chrono::milliseconds idle_in_transaction_time{30'000};
};

struct Options {
  // A data directory, which is created when absent and holds callboard.db; `sqlite:PATH`; or
  // `postgres://user:password@host:port/database`.
  std::string location;
  const Clock& clock;
  Metrics& metrics;
  Limits limits = {};
  // Null: the program's own. Tests bring others.
  const std::vector<Migration>* migrations = nullptr;
  // Where `location` leads through PgBouncer in transaction mode: the same database without it, for
  // what needs a session (migrations, notifications). Empty: `location` is the server itself.
  std::string direct_location = {};
};

// Opens the database and brings its schema up to date. Throws Error: invalid (a location that is
// none), conflict (as migrate()), unavailable.
std::unique_ptr<Database> open(const Options& options);

}  // namespace callboard::db
