#include "conditions/murmur3.hpp"

#include <bit>
#include <cstddef>

namespace callboard::conditions {
namespace {

// Up to four bytes, the first one lowest, whatever the machine's own order.
std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    word |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return word;
}

std::uint32_t scrambled(std::uint32_t word) {
  return std::rotl(word * 0xcc9e2d51u, 15) * 0x1b873593u;
}

std::uint32_t finished(std::uint32_t hash) {
  hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
  return hash ^ (hash >> 16);
}

}  // namespace

std::uint32_t murmur3_32(std::string_view bytes, std::uint32_t seed) {
  constexpr std::size_t block = 4;
  std::uint32_t hash = seed;
  std::size_t at = 0;
  for (; at + block <= bytes.size(); at += block) {
    hash ^= scrambled(little_endian(bytes.substr(at, block)));
    hash = std::rotl(hash, 13) * 5 + 0xe6546b64u;
  }
  if (at < bytes.size()) hash ^= scrambled(little_endian(bytes.substr(at)));
  return finished(hash ^ static_cast<std::uint32_t>(bytes.size()));
}

}  // namespace callboard::conditions
