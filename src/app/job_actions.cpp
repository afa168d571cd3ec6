#include "app/job_actions.hpp"

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace callboard::app {
namespace {

namespace json = boost::json;

// Where a change of the application's is recorded; nothing: it is gone, and who would read it.
std::optional<audience::AuditEntry> entry_for(db::Transaction& transaction,
                                              const audience::AuditEntry& by,
                                              const std::string& app_id) {
  audience::AuditEntry entry = by;
  entry.app_id = app_id;
  if (!app_id.empty() && app_id != by.app_id) {
    const auto application = audience::find_application(transaction, app_id);
    if (!application) return std::nullopt;
    entry.workspace_id = application->workspace_id;
  }
  return entry.workspace_id.empty() ? std::nullopt : std::optional(std::move(entry));
}

std::string subject_of(const jobs::JobIds& ids) {
  return ids.size() == 1 ? "job/" + std::to_string(ids.front()) : "jobs";
}

void record_jobs(db::Transaction& transaction, jobs::JobAction action, const std::string& app_id,
                 const jobs::JobIds& ids, const audience::AuditEntry& by, Timestamp now) {
  auto entry = entry_for(transaction, by, app_id);
  if (!entry) return;
  entry->action = "job." + std::string(name_of(action));
  entry->subject = subject_of(ids);
  entry->after = json::serialize(json::object{{"jobs", json::value_from(ids)}});
  audience::record(transaction, *entry, now);
}

void record_queue(db::Transaction& transaction, QueueAction action, std::string_view queue,
                  const std::string& app_id, const audience::AuditEntry& by, Timestamp now) {
  auto entry = entry_for(transaction, by, app_id);
  if (!entry) return;
  const bool is_paused = action == QueueAction::pause;
  entry->action = is_paused ? "queue.pause" : "queue.resume";
  entry->subject = "queue/" + std::string(queue);
  entry->before = json::serialize(json::object{{"paused", !is_paused}});
  entry->after = json::serialize(json::object{{"paused", is_paused}});
  audience::record(transaction, *entry, now);
}

}  // namespace

jobs::ChangedJobs change_jobs_recorded(db::Transaction& transaction, jobs::JobAction action,
                                       const jobs::JobSelection& selection,
                                       const audience::AuditEntry& by, Timestamp now) {
  auto changed = change_jobs(transaction, action, selection, now);
  for (const auto& [app_id, ids] : changed.by_app) {
    record_jobs(transaction, action, app_id, ids, by, now);
  }
  return changed;
}

std::size_t set_paused_recorded(db::Transaction& transaction, QueueAction action,
                                std::string_view queue, const jobs::Scope& scope,
                                const audience::AuditEntry& by, Timestamp now) {
  std::size_t changed = 0;
  for (const std::string& app_id : scope.app_ids.value_or(std::vector<std::string>{""})) {
    const bool is_new = action == QueueAction::pause
                            ? jobs::pause_queue(transaction, queue, app_id, now)
                            : jobs::resume_queue(transaction, queue, app_id);
    if (!is_new) continue;
    ++changed;
    record_queue(transaction, action, queue, app_id, by, now);
  }
  return changed;
}

}  // namespace callboard::app
