#include "events/import_url.hpp"

#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "events/event_changes.hpp"
#include "events/import_routes.hpp"
#include "jobs/job_store.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

json::value fetched(const http::OutgoingClient& outgoing, const std::string& url,
                    ErrorCode unreachable) {
  const auto not_fetched = [&](const std::string& why) {
    const std::string message = "can't be fetched: " + why;
    return Error(unreachable, "url " + message).with_detail("/url", message);
  };
  if (!audience::is_callable_url(url)) throw invalid_at("/url", "must be an http or https URL");
  const http::OutgoingReply reply = outgoing.send({.method = http::Method::get,
                                                   .url = url,
                                                   .headers = {{"Accept", "application/json"}},
                                                   .body = {},
                                                   .timeout = import_fetch_timeout,
                                                   .max_reply = http::import_max_body});
  if (reply.outcome != http::OutgoingOutcome::answered) {
    throw not_fetched(std::string(http::name_of(reply.outcome)));
  }
  if (reply.status != 200) throw not_fetched("it answers " + std::to_string(reply.status));
  try {
    return parse_json(reply.body);
  } catch (const Error& error) {
    throw invalid_at("/url", "does not lead to JSON: " + error.message());
  }
}

std::string payload_of(const ImportRequest& import, const audience::AuditEntry& by) {
  const ImportOptions& options = import.options;
  return json::serialize(
      json::object{{"url", import.url},
                   {"year", options.year ? json::value(*options.year) : json::value(nullptr)},
                   {"time_zone", options.time_zone},
                   {"skip_bad", options.skip_bad},
                   {"workspace_id", by.workspace_id},
                   {"actor", by.actor},
                   {"address", by.address}});
}

std::string text_of(const json::value& payload, const char* member) {
  return std::string(payload.at(member).as_string());
}

ImportRequest import_of(const json::value& payload) {
  ImportRequest import;
  import.url = text_of(payload, "url");
  if (const json::value& year = payload.at("year"); !year.is_null()) {
    import.options.year = static_cast<int>(year.as_int64());
  }
  import.options.time_zone = text_of(payload, "time_zone");
  import.options.skip_bad = payload.at("skip_bad").as_bool();
  return import;
}

audience::AuditEntry author_of(const json::value& payload, const std::string& app_id) {
  audience::AuditEntry by;
  by.workspace_id = text_of(payload, "workspace_id");
  by.app_id = app_id;
  by.actor = text_of(payload, "actor");
  by.address = text_of(payload, "address");
  return by;
}

}  // namespace

ImportRequest fetch_import(const http::OutgoingClient& outgoing, ImportRequest import,
                           ErrorCode unreachable) {
  ImportRequest found = import_request_from_json(fetched(outgoing, import.url, unreachable),
                                                 std::move(import.options));
  if (!found.url.empty()) throw invalid_at("/url", "leads to another url");
  return found;
}

std::int64_t want_import(db::Transaction& transaction, const ImportRequest& import,
                         const audience::AuditEntry& by, Timestamp now) {
  const std::string payload = payload_of(import, by);
  return jobs::enqueue(transaction,
                       {.kind = import_job,
                        .app_id = by.app_id,
                        .payload = payload,
                        .max_attempts = import_attempts},
                       now);
}

jobs::Outcome ImportJob::run(jobs::JobContext& context) const {
  const jobs::Job& job = context.job();
  const json::value payload = json::parse(job.payload);
  const ImportRequest import = fetch_import(outgoing_, import_of(payload), ErrorCode::unavailable);
  const ReadRows rows = read_rows(import.rows, import.options);
  if (!rows.errors.empty() && !import.options.skip_bad) {
    const RowError& first = rows.errors.front();
    return jobs::outcome::Discarded{"rows are wrong: " + std::to_string(rows.errors.size()) +
                                    "; the first is " + std::to_string(first.index) + ": " +
                                    first.message};
  }
  database_.write_and_wait([&](db::Transaction& transaction) {
    context.finish(transaction);
    EventChanges(transaction, watcher_, author_of(payload, job.app_id), clock_.now())
        .import(rows.drafts);
  });
  return jobs::outcome::Finished{};
}

}  // namespace callboard::events
