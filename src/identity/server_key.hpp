#pragma once

// The server key: 32 bytes that seal what has to be read back (client, server and session keys)
// with libsodium's secretbox. It is kept outside the database, so that a copy of the database alone
// gives no secret away: in DIR/server.key with mode 0600, or in the configuration, as base64.
//
// A value; immutable, any thread. All nodes of an installation share one.

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace callboard::identity {

class ServerKey {
 public:
  static constexpr std::string_view file_name = "server.key";

  // Standard base64 of 32 bytes. Throws Error{invalid}.
  static ServerKey from_text(std::string_view base64);
  // Reads `directory`/server.key, or makes it. Throws Error{invalid} if others may read it, it
  // belongs to another user or is damaged, Error{unavailable} if it can't be read or written.
  static ServerKey load_or_create(const std::filesystem::path& directory);

  ServerKey(const ServerKey&) = default;
  ServerKey& operator=(const ServerKey&) = default;
  ~ServerKey();  // wipes the bytes

  // `context` says what the secret is of (its app and key id): a sealed text that was moved to
  // another row does not open.
  std::string seal(std::string_view context, std::string_view secret) const;
  // Throws Error{internal}: sealed with another server key, or damaged.
  std::string open(std::string_view context, std::string_view sealed) const;

 private:
  ServerKey() = default;
  std::array<unsigned char, 32> bytes_{};
};

}  // namespace callboard::identity
