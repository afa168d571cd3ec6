#include "events/import_routes.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "events/import.hpp"
#include "events/import_url.hpp"
#include "events/query.hpp"
#include "http/calls.hpp"
#include "http/page_query.hpp"
#include "http/problem.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

// What the query says; the body may say otherwise.
ImportOptions options_of(const Request& request, const audience::Applications& applications) {
  ImportOptions options;
  const std::int64_t year = http::number_in(request, "year", last_year, 0);
  if (year > 0 && year < first_year) {
    throw Error(ErrorCode::invalid, "year must be from 1970 to 9999");
  }
  if (year > 0) options.year = static_cast<int>(year);
  const auto zone = request.query_value("time_zone");
  options.time_zone =
      zone ? *zone : applications.require(request.caller.app_id)->settings.time_zone;
  options.dry_run = flag_in(request, "dry_run", false);
  options.skip_bad = flag_in(request, "skip_bad", false);
  return options;
}

// The usual error with the report beside it.
Response refusal(const Request& request, const std::vector<RowError>& errors) {
  const std::string wrong =
      errors.size() == 1 ? "1 row is" : std::to_string(errors.size()) + " rows are";
  Response response;
  http::write_problem(Error(ErrorCode::invalid, "nothing was imported: " + wrong + " wrong"),
                      Surface::console, request, response);
  json::object body = parse_json(response.body).as_object();
  for (auto& [name, value] : to_json(ImportCounts(), errors)) body[name] = std::move(value);
  response.body = to_json_text(body);
  return response;
}

using SharedResponder = std::shared_ptr<Responder>;

struct ImportCalls {
  db::Database& database;
  const audience::Applications& applications;
  const EventWatcher& watcher;
  const http::OutgoingClient& outgoing;
  http::WorkPool& fetching;
  const Clock& clock;

  void take(const Request& request, Responder responder) const;

 private:
  void fetch(const Request& request, ImportRequest import, const SharedResponder& answer) const;
  void postpone(const Request& request, ImportRequest import, Responder responder) const;
  void import(const Request& request, const ImportRequest& import,
              const SharedResponder& answer) const;
};

}  // namespace

http::Routes import_routes(db::Database& database, const audience::Applications& applications,
                           const EventWatcher& watcher, const http::OutgoingClient& outgoing,
                           http::WorkPool& fetching, const Clock& clock) {
  const http::Calls call(ImportCalls{database, applications, watcher, outgoing, fetching, clock});
  return {{Method::post, "/api/workspace/{workspace_id}/application/{app_id}/events/import",
           Access::editor, Surface::console, call(&ImportCalls::take), http::import_max_body}};
}

namespace {

void ImportCalls::take(const Request& request, Responder responder) const {
  ImportRequest asked =
      import_request_from_json(parse_json(request.body), options_of(request, applications));
  if (flag_in(request, "background", false)) {
    return postpone(request, std::move(asked), std::move(responder));
  }
  const auto answer = std::make_shared<Responder>(std::move(responder));
  if (!asked.url.empty()) return fetch(request, std::move(asked), answer);
  try {
    import(request, asked, answer);
  } catch (...) {
    answer->fail(std::current_exception());
  }
}

void ImportCalls::fetch(const Request& request, ImportRequest import,
                        const SharedResponder& answer) const {
  const bool is_queued =
      fetching.submit([calls = *this, &request, asked = std::move(import), answer] {
        try {
          calls.import(request, fetch_import(calls.outgoing, asked, ErrorCode::invalid), answer);
        } catch (...) {
          answer->fail(std::current_exception());
        }
      });
  if (is_queued) return;
  answer->fail(std::make_exception_ptr(
      Error(ErrorCode::unavailable, "too many imports are fetched right now; please try again")));
}

// As a job, of which the answer says the id.
void ImportCalls::postpone(const Request& request, ImportRequest import,
                           Responder responder) const {
  if (import.url.empty()) throw invalid_at("/url", "must be there for an import in the background");
  if (import.options.dry_run) {
    throw Error(ErrorCode::invalid, "nobody would see what a dry_run in the background came to");
  }
  audience::answer_after_write(
      database, std::move(responder),
      [wanted = std::move(import), by = audience::audit_entry(request, "", ""),
       now = clock.now()](db::Transaction& transaction) {
        const std::int64_t job_id = want_import(transaction, wanted, by, now);
        Response response = http::json_response(to_json_text(json::object{{"job_id", job_id}}));
        response.status = 202;
        return response;
      });
}

// Throws only where it has not answered and won't.
void ImportCalls::import(const Request& request, const ImportRequest& import,
                         const SharedResponder& answer) const {
  ReadRows rows = read_rows(import.rows, import.options);
  if (!rows.errors.empty() && !import.options.skip_bad) {
    return answer->send(refusal(request, rows.errors));
  }
  import_events(
      database, watcher, audience::audit_entry(request, "", ""), clock.now(),
      std::move(rows.drafts), !import.options.dry_run,
      [answer, errors = std::move(rows.errors)](std::exception_ptr failure, ImportCounts counts) {
        if (failure) return answer->fail(failure);
        answer->send(http::json_response(to_json_text(to_json(counts, errors))));
      });
}

}  // namespace
}  // namespace callboard::events
