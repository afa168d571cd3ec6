#pragma once

// Members' passwords: Argon2id by libsodium. A hash costs 64 MiB and a good part of a second, on
// purpose, so only so many run at once; one more is refused, not queued.
//
// Owned by app/; any thread; blocks.

#include <cstddef>
#include <cstdint>
#include <semaphore>
#include <string>
#include <string_view>

namespace callboard::identity {

inline constexpr std::size_t min_password_characters = 10;
inline constexpr std::size_t max_password_bytes = 1024;

// Whether somebody may choose it: 10 characters at least.
bool is_password(std::string_view text);

// What one hash takes. The default is libsodium's for sign-in (2 passes over 64 MiB).
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = std::size_t{64} << 20;
};

class PasswordHasher {
 public:
  static constexpr std::ptrdiff_t max_at_once = 3;

  explicit PasswordHasher(PasswordCost cost = {}) : cost_(cost) {}

  // Each throws Error{unavailable} where as many as may are at work.
  std::string hash(std::string_view password);
  // An empty `stored`, for who has no password or does not exist, takes as long and is false.
  bool verify(std::string_view password, std::string_view stored);

  // A place at work, for as long as this lives.
  class Place {
   public:
    explicit Place(PasswordHasher& hasher);
    ~Place() { hasher_.free_.release(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    PasswordHasher& hasher_;
  };

 private:
  std::string hash_in_place(std::string_view password) const;

  PasswordCost cost_;
  std::counting_semaphore<max_at_once> free_{max_at_once};
};

}  // namespace callboard::identity
