#include "identity/password.hpp"

#include <sodium.h>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"

namespace callboard::identity {

bool is_password(std::string_view text) {
  return text.size() <= max_password_bytes && is_valid_utf8(text) &&
         count_characters(text) >= min_password_characters;
}

PasswordHasher::Place::Place(PasswordHasher& hasher) : hasher_(hasher) {
  if (hasher.free_.try_acquire()) return;
  throw Error(ErrorCode::unavailable, "too many sign-ins at once");
}

std::string PasswordHasher::hash(std::string_view password) {
  const Place place(*this);
  return hash_in_place(password);
}

bool PasswordHasher::verify(std::string_view password, std::string_view stored) {
  const Place place(*this);
  if (stored.empty()) {
    hash_in_place(password);
    return false;
  }
  return crypto_pwhash_str_verify(std::string(stored).c_str(), password.data(), password.size()) ==
         0;
}

std::string PasswordHasher::hash_in_place(std::string_view password) const {
  if (sodium_init() < 0) throw Error(ErrorCode::internal, "libsodium does not start");
  char text[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(text, password.data(), password.size(), cost_.passes,
                            cost_.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorCode::unavailable, "no memory for a password's hash");
  }
  return text;
}

}  // namespace callboard::identity
