#pragma once

// Counting results: what is asked for, what came of it, and how many such are written in one
// transaction. Nobody's fault is another's: what is wrong with one increment is its own outcome,
// and nothing of it is written.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "db/database.hpp"

namespace callboard::quizzes {

inline constexpr std::chrono::hours idempotency_life{24};
inline constexpr std::size_t max_idempotency_key_bytes = 255;

struct Increment {
  std::string app_id, quiz, type;
  std::int64_t count = 1;            // 1 to max_count
  std::string user_id = {};          // whose result it is; empty: nobody's in particular
  std::string caller = {};           // whose idempotency keys these are
  std::string idempotency_key = {};  // empty: none
};

struct Counted {
  std::int64_t added = 0;     // 0: the user had this result already
  std::string replaced = {};  // the type that lost the user's count; empty: none
  bool is_repeated = false;   // an answer given before, under the same idempotency key
};

// Errors: not_found (the quiz, the type), conflict (the key was another request's), unprocessable
// (the user's one result can't be counted more than once; the tally is full).
using Outcome = tl::expected<Counted, Error>;

// In the order of `increments`. Announces each quiz that counts differently (tally_change) and each
// user who has another result (audience::provided_change). Throws what the transaction does; an
// application that is deleted meanwhile is Error{conflict}.
std::vector<Outcome> count_all(db::Transaction& transaction, std::span<const Increment> increments,
                               Timestamp now);

}  // namespace callboard::quizzes
