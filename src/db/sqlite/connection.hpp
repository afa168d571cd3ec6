#pragma once

// One SQLite connection with its prepared statements. Owned by the writer, by the reader pool, or
// by one call; used by one thread at a time. Every error is thrown as Error (see error.hpp).

#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "db/database.hpp"
#include "db/sqlite/statement.hpp"

namespace callboard::db::sqlite {

enum class Access {
  write,   // creates the file when absent
  read,    // refuses every change
  schema,  // as write, but foreign keys are not enforced: for migrations, which check them at the
           // end
};

class Connection {
 public:
  // Statements kept prepared; beyond that the one unused longest goes.
  static constexpr std::size_t cached_statements = 256;

  Connection(const std::filesystem::path& path, Access access,
             std::chrono::milliseconds busy_timeout);

  // As Transaction's.
  std::int64_t execute(std::string_view sql, Values values = {});
  void query(std::string_view sql, Values values, const std::function<void(const Row&)>& each);
  // Any number of statements.
  void run_script(const std::string& sql);

  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  // Whether COMMIT would fail for foreign keys that are checked only then.
  bool owes_foreign_keys() const;
  std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Cached {
    Statement statement;
    std::uint64_t last_use = 0;
    bool in_use = false;
  };
  class Lease;

  void configure(Access access);
  void use_write_ahead_log();
  Cached* find_or_prepare(std::string_view sql);
  void evict_one();

  std::unique_ptr<sqlite3, Close> handle_;
  std::chrono::milliseconds busy_timeout_;
  std::unordered_map<std::string, Cached, Hash, std::equal_to<>> statements_;
  std::uint64_t uses_ = 0;
};

}  // namespace callboard::db::sqlite
