#include "jobs/job_shown.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace callboard::jobs {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value time_or_null(const std::optional<Timestamp>& time) {
  return time ? json::value(rfc3339(*time)) : json::value(nullptr);
}

// What is stored as JSON; what is none, as the text that it is.
json::value stored(const std::string& text) {
  if (text.empty()) return nullptr;
  boost::system::error_code failure;
  json::value value = json::parse(text, failure);
  return failure ? json::value(text) : value;
}

// As text: not every reader's numbers are as large.
json::value shown_id(WorkerId id) {
  return json::value(std::to_string(id));
}

std::string shown_day(std::chrono::sys_days day) {
  constexpr std::size_t date_length = 10;
  return rfc3339(day).substr(0, date_length);
}

json::object to_json(const KindCounts& kind) {
  json::object object{{"kind", kind.kind}};
  for (std::size_t i = 0; i < waiting_states.size(); ++i) {
    object[waiting_states.at(i)] = kind.waiting.at(i);
  }
  object["latency_ms"] = kind.latency ? json::value(kind.latency->count()) : json::value(nullptr);
  object["processed_today"] = kind.processed_today;
  object["failed_today"] = kind.failed_today;
  return object;
}

json::object to_json(const QueueCounts& queue) {
  json::array kinds;
  for (const KindCounts& kind : queue.kinds) kinds.push_back(to_json(kind));
  return {{"queue", queue.queue},
          {"paused", queue.is_paused},
          {"paused_apps", json::value_from(queue.paused_apps)},
          {"kinds", std::move(kinds)}};
}

}  // namespace

json::object to_json(const ListedJob& job) {
  return {{"job_id", job.id},
          {"app_id", text_or_null(job.app_id)},
          {"queue", job.queue},
          {"kind", job.kind},
          {"state", job.state},
          {"priority", job.priority},
          {"run_at", rfc3339(job.run_at)},
          {"attempt", job.attempt},
          {"max_attempts", job.max_attempts},
          {"created_at", rfc3339(job.created_at)},
          {"started_at", time_or_null(job.started_at)},
          {"finished_at", time_or_null(job.finished_at)},
          {"progress", stored(job.progress)},
          {"cancel_requested", job.cancel_requested}};
}

json::object to_json(const JobDetail& job) {
  json::object object = to_json(static_cast<const ListedJob&>(job));
  object["payload"] = stored(job.payload);
  object["errors"] = stored(job.errors);
  object["unique_key"] = text_or_null(job.unique_key);
  object["worker_id"] = job.worker_id ? shown_id(*job.worker_id) : json::value(nullptr);
  return object;
}

json::object to_json(const QueueOverview& overview) {
  json::array queues;
  for (const QueueCounts& queue : overview.queues) queues.push_back(to_json(queue));
  return {{"queues", std::move(queues)}, {"more", overview.more}};
}

json::object to_json(const ShownWorker& worker) {
  json::object object{{"worker_id", shown_id(worker.id)}, {"running", worker.running}};
  if (!worker.seen_at) return object;
  object["name"] = worker.name;
  object["started_at"] = time_or_null(worker.started_at);
  object["seen_at"] = time_or_null(worker.seen_at);
  return object;
}

json::object to_json(const DayCounts& day) {
  json::object object{{"day", shown_day(day.day)}};
  if (!day.kind.empty()) object["kind"] = day.kind;
  object["completed"] = day.completed;
  object["discarded"] = day.discarded;
  object["cancelled"] = day.cancelled;
  object["failed"] = day.failed;
  return object;
}

json::object to_json(const CronEntry& entry) {
  return {{"name", entry.cron.name},
          {"queue", entry.cron.kind.queue},
          {"kind", entry.cron.kind.name},
          {"schedule", entry.cron.schedule},
          {"time_zone", entry.cron.time_zone},
          {"next_at", time_or_null(entry.next_at)},
          {"last_at", time_or_null(entry.last_at)}};
}

json::object to_json(const ChangedJobs& changed) {
  return {{"changed", changed.count()}, {"more", changed.more}};
}

}  // namespace callboard::jobs
