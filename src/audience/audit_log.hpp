#pragma once

// What operators changed: who, from where, what, before and after. An entry is written in the
// transaction of its change, so that there is none without the other; none is ever edited. It
// outlives the application it speaks of.
//
// Each function is one step of the caller's transaction. Errors: those of db::Transaction.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/request.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_audit_page = 200;

inline constexpr std::string_view command_actor = "command";  // the command line, not a caller

struct AuditEntry {
  std::string workspace_id;
  std::string app_id;   // empty: about the workspace itself
  std::string actor;    // "token:...", "member:...", "command"
  std::string address;  // where the call came from; empty for commands
  std::string action;   // "bulletin.update": what kind of thing, and what was done to it
  std::string subject;  // "bulletin/12"
  std::string before;   // JSON; empty: there was none. Secrets are masked by the caller.
  std::string after;    // the same; empty: there is none
};

// Who and where are the request's, and workspace and application those its caller was admitted to.
AuditEntry audit_entry(const http::Request& request, std::string action, std::string subject);
// The same for a command on this machine.
AuditEntry command_entry(std::string_view workspace_id, std::string_view app_id, std::string action,
                         std::string subject);

void record(db::Transaction& transaction, const AuditEntry& entry, Timestamp now);

struct RecordedEntry {
  std::int64_t number;  // grows; the cursor of a page
  AuditEntry entry;
  Timestamp at;
};

// What to list, newest first. An empty text: any.
struct AuditQuery {
  std::string workspace_id;
  std::string app_id;
  std::string actor;
  std::string action;                  // whole ("bulletin.update"), or its kind ("bulletin")
  std::string subject;                 // of `app_id`, which must be given too
  std::optional<std::int64_t> before;  // entries older than this one only
  Timestamp since;                     // and not older than this
  std::size_t limit = max_audit_page;
};
std::vector<RecordedEntry> list_audit(db::Transaction& transaction, const AuditQuery& query);

}  // namespace callboard::audience
