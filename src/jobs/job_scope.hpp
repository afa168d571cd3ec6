#pragma once

// Whose jobs somebody may see and change, and which of them they mean; and the SQL that keeps every
// statement about jobs within that. Pure values; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"

namespace callboard::jobs {

inline constexpr std::size_t max_job_name_bytes = 64;  // of queues and kinds
// 1 to 64 of [a-z0-9_.-]: what a queue or a kind may be called.
bool is_job_name(std::string_view text);

struct Scope {
  // Of these applications; nothing: all jobs, the server's own among them.
  std::optional<std::vector<std::string>> app_ids;

  bool has(std::string_view app_id) const;
  // Only of that application, or of none where it is not in here.
  Scope narrowed_to(std::string_view app_id) const;

  // A condition on `app_id` with value() as $1.
  std::string condition(const db::Transaction& transaction) const;
  std::string value() const;
};

// An empty text: any.
struct JobFilter {
  std::string state = {}, queue = {}, kind = {};
};
// A condition with the filter's queue as $2 and its kind as $3. Which states, the caller adds.
inline constexpr std::string_view filter_condition =
    "($2 = '' OR queue = $2) AND ($3 = '' OR kind = $3)";

// Where jobs of that state are.
std::string_view table_of(std::string_view state);

}  // namespace callboard::jobs
