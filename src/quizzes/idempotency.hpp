#pragma once

// The increments that came with an Idempotency-Key, and what they did: kept for idempotency_life,
// for each application and caller. Steps of the caller's transaction.

#include <cstddef>
#include <optional>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "quizzes/increment.hpp"

namespace callboard::quizzes {

// What that key stands for already: the answer of the same request, or Error{conflict} of another.
std::optional<Outcome> find_request(db::Transaction& transaction, const Increment& increment,
                                    Timestamp now);
// Takes the key for this request. Nothing: taken; else as find_request().
std::optional<Outcome> claim_request(db::Transaction& transaction, const Increment& increment,
                                     const Counted& counted, Timestamp now);
// Some of those that are over: more than `new_ones`, so that they grow fewer.
void prune_requests(db::Transaction& transaction, std::size_t new_ones, Timestamp now);

}  // namespace callboard::quizzes
