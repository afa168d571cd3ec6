#pragma once

// One server to a data folder: two would each keep in memory what the other changes, and both would
// take a part of the connections. Commands that only use the database may run beside a server.
//
// Held while it lives; the kernel lets go of it when the process ends, however it ends.

#include <filesystem>
#include <optional>
#include <string>

namespace callboard::app {

class DataLock {
 public:
  static constexpr auto file_name = "callboard.lock";

  // Makes the folder where it is absent. Throws Error: conflict, with the other's process id;
  // unavailable.
  explicit DataLock(const std::filesystem::path& folder);
  ~DataLock();
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;

  // The process that holds it, as text; nothing: nobody. Changes nothing.
  static std::optional<std::string> holder(const std::filesystem::path& folder);

 private:
  int file_;
};

}  // namespace callboard::app
