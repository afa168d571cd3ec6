#include "app/data_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "db/location.hpp"

namespace callboard::app {
namespace {

std::string process_named_in(int file) {
  std::array<char, 32> text{};
  const ssize_t count = ::pread(file, text.data(), text.size(), 0);
  return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count)) : "unknown";
}

bool is_held_by_other(int file, int how) {
  return ::flock(file, how | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace

DataLock::DataLock(const std::filesystem::path& folder) {
  const auto path = folder / file_name;
  db::prepare(path);
  file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file_ < 0) {
    throw Error(ErrorCode::unavailable,
                fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  }
  if (is_held_by_other(file_, LOCK_EX)) {
    const std::string process = process_named_in(file_);
    ::close(file_);
    throw Error(ErrorCode::conflict,
                fmt::format("another server (process {}) uses the data folder {}", process,
                            folder.string()));
  }
  // Only for the message above: the lock itself does not depend on it.
  const std::string process = std::to_string(::getpid());
  if (::ftruncate(file_, 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(file_, process.data(), process.size(), 0);
  }
}

DataLock::~DataLock() {
  ::close(file_);
}

std::optional<std::string> DataLock::holder(const std::filesystem::path& folder) {
  const int file = ::open((folder / file_name).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  const bool is_held = is_held_by_other(file, LOCK_SH);
  auto process = is_held ? std::optional(process_named_in(file)) : std::nullopt;
  ::close(file);
  return process;
}

}  // namespace callboard::app
