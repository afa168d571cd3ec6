#include "db/sqlite/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "db/sqlite/connection.hpp"
#include "db/sqlite/error.hpp"

namespace callboard::db::sqlite {
namespace {

constexpr int all_pages = -1;

Error file_error(std::string_view doing, const std::filesystem::path& path, int error) {
  return Error(ErrorCode::unavailable,
               fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(error)));
}

Error exists_already(const std::filesystem::path& path) {
  return Error(ErrorCode::conflict, fmt::format("{} exists already", path.string()));
}

// A new file beside the one that is to be, for its owner's eyes only; removed unless published.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& final_path) : final_path_(final_path) {
    std::string pattern = final_path.string() + ".XXXXXX";
    const int file = ::mkstemp(pattern.data());
    if (file < 0) throw file_error("create", pattern, errno);
    ::close(file);
    path_ = pattern;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  const std::filesystem::path& path() const { return path_; }
  void publish();

 private:
  std::filesystem::path final_path_, path_;
};

void sync(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw file_error("open", path, errno);
  const int result = ::fsync(file);
  const int error = errno;
  ::close(file);
  if (result != 0) throw file_error("sync", path, error);
}

// On disk under its own name, and never in place of another file.
void TemporaryFile::publish() {
  sync(path_);
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, final_path_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) throw exists_already(final_path_);
    throw file_error("create", final_path_, errno);
  }
  path_.clear();
  sync(final_path_.has_parent_path() ? final_path_.parent_path() : ".");
}

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};

// All in one step: in the write-ahead mode a reader stops nobody, while a copy in several steps
// begins again after every commit of others, perhaps for ever.
void copy(Connection& from, const std::filesystem::path& to) {
  sqlite3* opened = nullptr;
  const int opening = sqlite3_open_v2(to.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, Close> target(opened);
  if (opening != SQLITE_OK) throw error_of(opened, opening, "opening the copy");
  sqlite3_backup* const copying = sqlite3_backup_init(opened, "main", from.handle(), "main");
  if (copying == nullptr) throw error_of(opened, sqlite3_errcode(opened), "beginning the copy");
  const int code = sqlite3_backup_step(copying, all_pages);
  sqlite3_backup_finish(copying);
  if (code != SQLITE_DONE) throw error_of(nullptr, code, "copying");
}

Connection open_existing(const std::filesystem::path& path,
                         std::chrono::milliseconds busy_timeout) {
  if (!std::filesystem::exists(path)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no database at {}", path.string()));
  }
  return Connection(path, Access::read, busy_timeout);
}

std::string broken_reference(const Row& row) {
  const auto row_id = row.optional_integer(1);
  return fmt::format("table {}, row {}: refers to a row of {} that does not exist", row.text(0),
                     row_id ? std::to_string(*row_id) : "without number", row.text(2));
}

}  // namespace

void backup(const std::filesystem::path& from, const std::filesystem::path& to,
            std::chrono::milliseconds busy_timeout) {
  if (std::filesystem::exists(to)) throw exists_already(to);
  Connection source = open_existing(from, busy_timeout);
  TemporaryFile file(to);
  copy(source, file.path());
  file.publish();
}

std::vector<std::string> check(const std::filesystem::path& path,
                               std::chrono::milliseconds busy_timeout) {
  Connection connection = open_existing(path, busy_timeout);
  std::vector<std::string> problems;
  try {
    connection.query("PRAGMA integrity_check", {}, [&](const Row& row) {
      if (row.text(0) != "ok") problems.push_back(row.string(0));
    });
    connection.query("PRAGMA foreign_key_check", {},
                     [&](const Row& row) { problems.push_back(broken_reference(row)); });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::internal) throw;
    problems.push_back(error.private_detail());  // too damaged to be looked through
  }
  return problems;
}

}  // namespace callboard::db::sqlite
