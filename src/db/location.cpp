#include "db/location.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <regex>
#include <string>
#include <system_error>

#include "base/error.hpp"

namespace callboard::db {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";
constexpr auto file_name = "callboard.db";

Error cannot_create(const std::filesystem::path& path, int error) {
  return Error(ErrorCode::unavailable,
               fmt::format("cannot create {}: {}", path.string(), std::strerror(error)));
}

void make_private_directories(const std::filesystem::path& directory) {
  if (directory.empty() || std::filesystem::exists(directory)) return;
  make_private_directories(directory.parent_path());
  if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    throw cannot_create(directory, errno);
  }
}

}  // namespace

bool is_postgres(std::string_view location) {
  return location.starts_with("postgres://") || location.starts_with("postgresql://");
}

// A password stands between the name and the last '@' of the authority, whatever is in it, or as a
// parameter.
std::string without_password(std::string_view location) {
  static const std::regex in_authority("^([a-z]+://[^/:@]*):[^/]*@");
  static const std::regex in_query("([?&](?:ssl)?password=)[^&#]*");
  const std::string text = std::regex_replace(std::string(location), in_authority, "$1:********@");
  return std::regex_replace(text, in_query, "$1********");
}

std::filesystem::path sqlite_path(std::string_view location) {
  const bool is_file = location.starts_with(sqlite_scheme);
  if (is_file) location.remove_prefix(sqlite_scheme.size());
  if (location.empty() || (!is_file && location.find("://") != std::string_view::npos)) {
    throw Error(ErrorCode::invalid,
                "the database must be a data directory, sqlite:PATH, or "
                "postgres://user:password@host:port/name");
  }
  const std::filesystem::path path(location);
  return is_file ? path : path / file_name;
}

void prepare(const std::filesystem::path& path) {
  make_private_directories(path.parent_path());
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) throw cannot_create(path, errno);
  ::close(file);
}

}  // namespace callboard::db
