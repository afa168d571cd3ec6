#include "base/random.hpp"

#include <sodium.h>

namespace callboard {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string random_token(std::size_t entropy_bytes) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  const std::string bytes = random_bytes(entropy_bytes);
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), variant);
  text.pop_back();  // libsodium's terminating NUL
  return text;
}

std::string random_id() {
  constexpr std::size_t id_bytes = 8;
  return to_hex(random_bytes(id_bytes));
}

std::string random_uuid() {
  constexpr std::size_t uuid_bytes = 16;
  std::string bytes = random_bytes(uuid_bytes);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);  // the version
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // and its variant
  std::string text = to_hex(bytes);
  for (const std::size_t hyphen : {20U, 16U, 12U, 8U}) text.insert(hyphen, 1, '-');
  return text;
}

double random_fraction() {
  constexpr double steps = 4'294'967'296.0;  // of randombytes_random()
  return static_cast<double>(randombytes_random()) / steps;
}

std::string to_hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
  text.pop_back();
  return text;
}

}  // namespace callboard
