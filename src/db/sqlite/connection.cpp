#include "db/sqlite/connection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "db/sqlite/error.hpp"

namespace callboard::db::sqlite {
namespace {

// Memory mapping stays off: with it an I/O error is a SIGBUS, not an error.
constexpr auto settings = R"(
PRAGMA synchronous = FULL;
PRAGMA trusted_schema = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA mmap_size = 0;
PRAGMA cache_size = -8192;             -- KiB, for each connection
PRAGMA journal_size_limit = 67108864;  -- bytes kept of the log after a burst
)";

constexpr std::chrono::milliseconds retry_step{5};

int open_flags(Access access) {
  // A connection is used by one thread at a time, so SQLite need not lock it.
  constexpr int always = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE;
  return access == Access::read ? always : always | SQLITE_OPEN_CREATE;
}

}  // namespace

// A prepared statement for the time of one call; reset at its end. A statement that is already in
// use further up the stack (a query inside a query's callback) is prepared once more, for this call
// only.
class Connection::Lease {
 public:
  Lease(Connection& connection, std::string_view sql) : cached_(connection.find_or_prepare(sql)) {
    if (cached_ == nullptr)
      own_ = std::make_unique<Statement>(connection.handle(), sql);
    else
      cached_->in_use = true;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    statement().reset();
    if (cached_ != nullptr) cached_->in_use = false;
  }
  Statement& statement() { return cached_ != nullptr ? cached_->statement : *own_; }

 private:
  Cached* cached_;
  std::unique_ptr<Statement> own_;
};

Connection::Connection(const std::filesystem::path& path, Access access,
                       std::chrono::milliseconds busy_timeout)
    : busy_timeout_(busy_timeout) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, open_flags(access), nullptr);
  handle_.reset(opened);
  if (code != SQLITE_OK) throw error_of(opened, code, fmt::format("opening {}", path.string()));
  sqlite3_busy_timeout(handle_.get(), static_cast<int>(busy_timeout.count()));
  configure(access);
}

void Connection::configure(Access access) {
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (access != Access::read) use_write_ahead_log();
  run_script(settings);
  run_script(access == Access::schema ? "PRAGMA foreign_keys = OFF" : "PRAGMA foreign_keys = ON");
  if (access == Access::read) run_script("PRAGMA query_only = ON");
}

// SQLite does not wait for the busy time-out when two connections switch a new file at once.
void Connection::use_write_ahead_log() {
  for (std::chrono::milliseconds waited{0};; waited += retry_step) {
    const int code =
        sqlite3_exec(handle_.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return;
    if ((code & 0xff) != SQLITE_BUSY || waited >= busy_timeout_) {
      throw error_of(handle_.get(), code, "journal_mode = WAL");
    }
    sqlite3_sleep(static_cast<int>(retry_step.count()));
  }
}

std::int64_t Connection::execute(std::string_view sql, Values values) {
  Lease lease(*this, sql);
  lease.statement().bind(values);
  while (lease.statement().step()) {
  }
  return lease.statement().changes_nothing() ? 0 : sqlite3_changes64(handle_.get());
}

void Connection::query(std::string_view sql, Values values,
                       const std::function<void(const Row&)>& each) {
  Lease lease(*this, sql);
  lease.statement().bind(values);
  const StatementRow row(lease.statement().handle());
  while (lease.statement().step()) each(row);
}

void Connection::run_script(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw error_of(handle_.get(), code, sql);
}

bool Connection::owes_foreign_keys() const {
  int owes = 0;
  int unused = 0;
  sqlite3_db_status(handle_.get(), SQLITE_DBSTATUS_DEFERRED_FKS, &owes, &unused, 0);
  return owes != 0;
}

Connection::Cached* Connection::find_or_prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    Statement prepared(handle_.get(), sql);
    if (statements_.size() >= cached_statements) evict_one();
    found = statements_.emplace(sql, Cached{std::move(prepared)}).first;
  }
  if (found->second.in_use) return nullptr;
  found->second.last_use = ++uses_;
  return &found->second;
}

void Connection::evict_one() {
  auto oldest = statements_.end();
  for (auto it = statements_.begin(); it != statements_.end(); ++it) {
    if (it->second.in_use) continue;
    if (oldest == statements_.end() || it->second.last_use < oldest->second.last_use) oldest = it;
  }
  if (oldest != statements_.end()) statements_.erase(oldest);
}

}  // namespace callboard::db::sqlite
