#pragma once

// The key of a cached value: a name within a scope (a user within an application). Two views, so
// that a look-up builds no string; the cache copies them when it stores.

#include <cstdint>
#include <string_view>

namespace callboard::cache {

struct Key {
  std::string_view scope;
  std::string_view name;

  constexpr Key(std::string_view scope_of, std::string_view name_of)
      : scope(scope_of), name(name_of) {}
  // A key without a scope.
  constexpr explicit Key(std::string_view name_of) : name(name_of) {}

  friend bool operator==(const Key&, const Key&) = default;
};

std::uint64_t hash_of(Key key);

}  // namespace callboard::cache
