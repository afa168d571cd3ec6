#include "cache/key.hpp"

#include <xxhash.h>

namespace callboard::cache {

std::uint64_t hash_of(Key key) {
  const std::uint64_t seed =
      key.scope.empty() ? 0 : XXH3_64bits(key.scope.data(), key.scope.size());
  return XXH3_64bits_withSeed(key.name.data(), key.name.size(), seed);
}

}  // namespace callboard::cache
