#pragma once

// The public keys that LINE signs ID tokens with (RFC 7517), by their `kid`. A value, immutable
// once read: any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/jws.hpp"
#include "line/call_failure.hpp"

namespace callboard::line {

inline constexpr std::size_t max_certs = 32;  // LINE has a handful; more are not kept

struct Certs {
  std::vector<std::pair<std::string, jws::Key>> keys;

  // Null if there is none of that name.
  const jws::Key* find(std::string_view key_id) const;
};

// A key of a kind that we can't use, or without a name, is left out.
Called<Certs> read_certs(const http::OutgoingReply& reply);

}  // namespace callboard::line
