#include "app/job_calls.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "http/page_query.hpp"
#include "jobs/job_list.hpp"
#include "jobs/job_overview.hpp"
#include "jobs/job_shown.hpp"

namespace callboard::app {
namespace {

namespace json = boost::json;
using http::Request;
using http::Responder;
using http::Response;
using jobs::JobAction;

Response answer_of(const json::object& object) {
  return http::json_response(to_json_text(object));
}

template <class Elements>
json::array to_array(const Elements& elements) {
  json::array array;
  for (const auto& element : elements) array.push_back(jobs::to_json(element));
  return array;
}

Error no_job() {
  return {ErrorCode::not_found, "there is no such job"};
}

void require_known(const Request& request, const std::vector<std::string_view>& names) {
  for (const auto& [name, value] : request.query_pairs()) {
    if (std::ranges::find(names, name) != names.end()) continue;
    throw Error(ErrorCode::invalid, "unknown parameter \"" + name + "\"");
  }
}

// What is wrong with the filter's member; nothing: it is right.
std::optional<std::string> fault_of(std::string_view member, const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (member == "state") {
    if (jobs::is_state(text)) return std::nullopt;
    return "must be scheduled, available, running, retryable, completed, discarded or cancelled";
  }
  if (jobs::is_job_name(text)) return std::nullopt;
  return "must be 1 to 64 of a-z, 0-9, _ . -";
}

std::string filter_in(const Request& request, std::string_view name) {
  std::string text = request.query_value(name).value_or("");
  if (const auto fault = fault_of(name, text)) {
    throw Error(ErrorCode::invalid, std::string(name) + " " + *fault);
  }
  return text;
}

jobs::JobFilter filter_of(const json::value& value) {
  JsonReader reader(value, "/filter");
  const auto member = [&](std::string_view name) {
    std::string text = reader.string(name).value_or("");
    if (const auto fault = fault_of(name, text)) reader.refuse(name, *fault);
    return text;
  };
  jobs::JobFilter filter{member("state"), member("queue"), member("kind")};
  reader.finish();
  return filter;
}

jobs::JobIds ids_of(const json::value& value) {
  if (!value.is_array()) throw invalid_at("/ids", "must be an array");
  jobs::JobIds ids;
  read_elements(value, "/ids", jobs::max_changed_at_once,
                [&](const json::value& element, const std::string& pointer) {
                  const std::int64_t* id = element.if_int64();
                  if (id == nullptr || *id < 1) throw invalid_at(pointer, "must be a job's id");
                  ids.push_back(*id);
                });
  return ids;
}

std::variant<jobs::JobIds, jobs::JobFilter> chosen_in(std::string_view body) {
  const json::value value = parse_json(body);
  JsonReader reader(value);
  const json::value* ids = reader.find("ids");
  const json::value* filter = reader.find("filter");
  if ((ids == nullptr) == (filter == nullptr)) {
    reader.refuse_at("", "must have either ids or filter");
  }
  reader.finish();
  if (ids != nullptr) return ids_of(*ids);
  return filter_of(*filter);
}

// So that who asks for one job hears why nothing was done.
void require_fit(db::Transaction& transaction, const jobs::Scope& scope, std::int64_t job_id,
                 JobAction action) {
  const auto job = find_job(transaction, scope, job_id);
  if (!job) throw no_job();
  if (is_for(action, job->state)) return;
  throw Error(ErrorCode::conflict,
              std::string(name_of(action)) + " is not for jobs that are " + job->state);
}

}  // namespace

std::string JobCalls::own_parameter(const Request& request) const {
  return request.parameter(static_cast<std::size_t>(reach));
}

std::int64_t JobCalls::job_in_path(const Request& request) const {
  const std::string text = own_parameter(request);
  std::int64_t id = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failure != std::errc{} || end != text.data() + text.size() || id < 1) throw no_job();
  return id;
}

jobs::Scope JobCalls::scope_of(db::Transaction& transaction, std::string_view workspace_id,
                               std::string_view app_id) const {
  if (reach == JobReach::server) return {};
  jobs::Scope scope{std::vector<std::string>{}};
  if (reach == JobReach::application) {
    scope.app_ids->emplace_back(app_id);
    return scope;
  }
  for (auto& application : audience::list_applications(transaction, workspace_id)) {
    scope.app_ids->push_back(std::move(application.app_id));
  }
  return scope;
}

jobs::Scope JobCalls::scope_of(db::Transaction& transaction, const Request& request) const {
  return scope_of(transaction, request.caller.workspace_id, request.caller.app_id);
}

Response JobCalls::list(const Request& request) const {
  std::vector<std::string_view> known{"state", "queue", "kind", "before", "limit"};
  if (reach != JobReach::application) known.emplace_back("app");
  require_known(request, known);
  jobs::ListQuery query;
  query.filter = {filter_in(request, "state"), filter_in(request, "queue"),
                  filter_in(request, "kind")};
  query.before = http::number_in(request, "before", query.before, query.before);
  query.limit = http::number_in(request, "limit", jobs::max_listed, query.limit);
  const std::string app_id = request.query_value("app").value_or("");
  const auto listed = database.get([&](db::Transaction& transaction) {
    query.scope = scope_of(transaction, request);
    if (!app_id.empty()) query.scope = query.scope.narrowed_to(app_id);
    return list_jobs(transaction, query);
  });
  json::object body{{"jobs", to_array(listed)}, {"before", nullptr}};
  // Where the page is full there may be more.
  if (std::ssize(listed) == query.limit) body["before"] = listed.back().id;
  return answer_of(body);
}

Response JobCalls::show(const Request& request) const {
  const std::int64_t id = job_in_path(request);
  const auto job = database.get([&](db::Transaction& transaction) {
    return find_job(transaction, scope_of(transaction, request), id);
  });
  if (!job) throw no_job();
  return answer_of(jobs::to_json(*job));
}

Response JobCalls::queues(const Request& request) const {
  return answer_of(jobs::to_json(database.get([&](db::Transaction& transaction) {
    return overview_of_queues(transaction, scope_of(transaction, request), kinds, clock.now());
  })));
}

Response JobCalls::workers(const Request& request) const {
  const auto workers = database.get([&](db::Transaction& transaction) {
    return list_workers(transaction, scope_of(transaction, request));
  });
  return answer_of({{"workers", to_array(workers)}});
}

Response JobCalls::recurring(const Request&) const {
  const auto entries =
      database.get([&](db::Transaction& transaction) { return list_entries(transaction, crons); });
  return answer_of({{"crons", to_array(entries)}});
}

Response JobCalls::history(const Request& request) const {
  require_known(request, {"days", "by"});
  const std::int64_t days = http::number_in(request, "days", jobs::max_days, jobs::max_days);
  const std::string by = request.query_value("by").value_or("");
  if (!by.empty() && by != "kind") throw Error(ErrorCode::invalid, "by must be kind");
  const auto counts = database.get([&](db::Transaction& transaction) {
    return daily_counts(transaction, scope_of(transaction, request), days, !by.empty(),
                        clock.now());
  });
  return answer_of({{"days", to_array(counts)}});
}

void JobCalls::change_one(const Request& request, JobAction action, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [calls = *this, action, id = job_in_path(request),
       by = audience::audit_entry(request, "", "")](db::Transaction& transaction) {
        const jobs::Scope scope = calls.scope_of(transaction, by.workspace_id, by.app_id);
        const Timestamp now = calls.clock.now();
        require_fit(transaction, scope, id, action);
        const jobs::JobSelection selection{scope, jobs::JobIds{id}};
        return answer_of(
            jobs::to_json(change_jobs_recorded(transaction, action, selection, by, now)));
      });
}

void JobCalls::change_many(const Request& request, JobAction action, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [calls = *this, action, chosen = chosen_in(request.body),
       by = audience::audit_entry(request, "", "")](db::Transaction& transaction) {
        const jobs::JobSelection selection{calls.scope_of(transaction, by.workspace_id, by.app_id),
                                           chosen};
        return answer_of(jobs::to_json(
            change_jobs_recorded(transaction, action, selection, by, calls.clock.now())));
      });
}

void JobCalls::set_paused(const Request& request, QueueAction action, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [calls = *this, action, queue = own_parameter(request),
       by = audience::audit_entry(request, "", "")](db::Transaction& transaction) {
        const jobs::Scope scope = calls.scope_of(transaction, by.workspace_id, by.app_id);
        set_paused_recorded(transaction, action, queue, scope, by, calls.clock.now());
        return answer_of({{"queue", queue}, {"paused", action == QueueAction::pause}});
      });
}

void JobCalls::cancel(const Request& request, Responder responder) const {
  change_one(request, JobAction::cancel, std::move(responder));
}
void JobCalls::run(const Request& request, Responder responder) const {
  change_one(request, JobAction::run, std::move(responder));
}
void JobCalls::retry(const Request& request, Responder responder) const {
  change_one(request, JobAction::retry, std::move(responder));
}
void JobCalls::erase(const Request& request, Responder responder) const {
  change_one(request, JobAction::erase, std::move(responder));
}
void JobCalls::cancel_many(const Request& request, Responder responder) const {
  change_many(request, JobAction::cancel, std::move(responder));
}
void JobCalls::run_many(const Request& request, Responder responder) const {
  change_many(request, JobAction::run, std::move(responder));
}
void JobCalls::retry_many(const Request& request, Responder responder) const {
  change_many(request, JobAction::retry, std::move(responder));
}
void JobCalls::erase_many(const Request& request, Responder responder) const {
  change_many(request, JobAction::erase, std::move(responder));
}
void JobCalls::pause(const Request& request, Responder responder) const {
  set_paused(request, QueueAction::pause, std::move(responder));
}
void JobCalls::resume(const Request& request, Responder responder) const {
  set_paused(request, QueueAction::resume, std::move(responder));
}

}  // namespace callboard::app
