#pragma once

// What happened to a bulletin, told by the audit log, as far back as that goes. Free functions
// inside the caller's transaction.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/audience.hpp"
#include "db/database.hpp"

namespace callboard::bulletins {

inline constexpr std::size_t max_history_page = 50;  // each with two whole bulletins

std::string subject_of(std::int64_t bulletin_id);

struct HistoryQuery {
  std::string workspace_id = {};
  std::string app_id = {};
  std::int64_t bulletin_id = 0;
  std::optional<std::int64_t> before = {};  // entries older than this one only
  std::size_t limit = 20;
};
// Newest first; nothing of an application that had this id before.
std::vector<audience::RecordedEntry> history(db::Transaction& transaction,
                                             const HistoryQuery& query);

// The revision that the change made.
std::int64_t revision_of(const audience::AuditEntry& entry);
// {"entry","revision","actor","at","action","before","after"}
boost::json::object history_to_json(const audience::RecordedEntry& recorded);

// The bulletin's JSON as of that revision. Throws Error{invalid} where there is no such content.
boost::json::value content_at(db::Transaction& transaction, HistoryQuery query,
                              std::int64_t revision);

}  // namespace callboard::bulletins
