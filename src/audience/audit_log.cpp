#include "audience/audit_log.hpp"

namespace callboard::audience {
namespace {

db::Value text_or_null(const std::string& text) {
  return text.empty() ? db::Value(nullptr) : db::Value(text);
}

RecordedEntry read_entry(const db::Row& row) {
  return {row.integer(0),
          {row.string(1), row.string(2), row.string(3), row.string(4), row.string(5), row.string(6),
           row.optional_string(7).value_or(""), row.optional_string(8).value_or("")},
          timestamp_from_ms(row.integer(9))};
}

}  // namespace

AuditEntry audit_entry(const http::Request& request, std::string action, std::string subject) {
  AuditEntry entry;
  entry.workspace_id = request.caller.workspace_id;
  entry.app_id = request.caller.app_id;
  entry.actor = request.caller.actor;
  entry.address = request.peer;
  entry.action = std::move(action);
  entry.subject = std::move(subject);
  return entry;
}

AuditEntry command_entry(std::string_view workspace_id, std::string_view app_id, std::string action,
                         std::string subject) {
  AuditEntry entry;
  entry.workspace_id = workspace_id;
  entry.app_id = app_id;
  entry.actor = command_actor;
  entry.action = std::move(action);
  entry.subject = std::move(subject);
  return entry;
}

void record(db::Transaction& transaction, const AuditEntry& entry, Timestamp now) {
  transaction.execute(
      "INSERT INTO audit_log (workspace_id, app_id, actor, address, action, subject, before, after,"
      " at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {entry.workspace_id, entry.app_id, entry.actor, entry.address, entry.action, entry.subject,
       text_or_null(entry.before), text_or_null(entry.after), unix_ms(now)});
}

std::vector<RecordedEntry> list_audit(db::Transaction& transaction, const AuditQuery& query) {
  std::string sql =
      "SELECT entry, workspace_id, app_id, actor, address, action, subject, before, after, at_ms"
      " FROM audit_log WHERE workspace_id = $1 AND entry < $5 AND at_ms >= $8 AND ($3 = '' OR "
      "actor = $3)"
      " AND ($4 = '' OR action = $4 OR substr(action, 1, length($4) + 1) = $4 || '.')";
  // Apart from the others: these have an index, which `OR` would hide.
  sql += query.app_id.empty() ? " AND $2 = ''" : " AND app_id = $2";
  sql += query.subject.empty() ? " AND $7 = ''" : " AND subject = $7";
  sql += " ORDER BY entry DESC LIMIT $6";
  std::vector<RecordedEntry> entries;
  transaction.query(sql,
                    {query.workspace_id, query.app_id, query.actor, query.action,
                     query.before.value_or(INT64_MAX), static_cast<std::int64_t>(query.limit),
                     query.subject, unix_ms(query.since)},
                    [&](const db::Row& row) { entries.push_back(read_entry(row)); });
  return entries;
}

}  // namespace callboard::audience
