#include "bulletins/history.hpp"

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::bulletins {
namespace {

namespace json = boost::json;

json::value value_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : parse_json(text);
}

Timestamp created_at(db::Transaction& transaction, std::string_view app_id) {
  const auto application = audience::find_application(transaction, app_id);
  if (!application) throw Error(ErrorCode::not_found, "there is no such application");
  return application->created_at;
}

std::int64_t revision_in(const std::string& bulletin) {
  return parse_json(bulletin).at("revision").to_number<std::int64_t>();
}

}  // namespace

std::string subject_of(std::int64_t bulletin_id) {
  return "bulletin/" + std::to_string(bulletin_id);
}

std::vector<audience::RecordedEntry> history(db::Transaction& transaction,
                                             const HistoryQuery& query) {
  audience::AuditQuery wanted;
  wanted.workspace_id = query.workspace_id;
  wanted.app_id = query.app_id;
  wanted.subject = subject_of(query.bulletin_id);
  wanted.before = query.before;
  wanted.since = created_at(transaction, query.app_id);
  wanted.limit = query.limit;
  return list_audit(transaction, wanted);
}

std::int64_t revision_of(const audience::AuditEntry& entry) {
  return entry.after.empty() ? revision_in(entry.before) + 1 : revision_in(entry.after);
}

json::object history_to_json(const audience::RecordedEntry& recorded) {
  const audience::AuditEntry& entry = recorded.entry;
  return {{"entry", recorded.number},
          {"revision", revision_of(entry)},
          {"actor", entry.actor},
          {"at", rfc3339(recorded.at)},
          {"action", entry.action.substr(entry.action.find('.') + 1)},
          {"before", value_or_null(entry.before)},
          {"after", value_or_null(entry.after)}};
}

json::value content_at(db::Transaction& transaction, HistoryQuery query, std::int64_t revision) {
  query.limit = max_history_page;
  for (;;) {
    const auto page = history(transaction, query);
    for (const audience::RecordedEntry& recorded : page) {
      if (!recorded.entry.after.empty() && revision_in(recorded.entry.after) == revision) {
        return parse_json(recorded.entry.after);
      }
    }
    if (page.size() < query.limit) break;
    query.before = page.back().number;
  }
  throw invalid_at("/revision", "the history has no content of this revision");
}

}  // namespace callboard::bulletins
