#include "app/operations_routes.hpp"

#include <boost/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "app/commands.hpp"
#include "base/error.hpp"

namespace callboard::app {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Surface;

void front_page(const http::Request&, http::Response& response) {
  response.content_type("text/plain; charset=utf-8");
  response.body = "Callboard " + std::string(version) +
                  "\n\n/healthz  is it alive\n/readyz   can it answer, and if not, why\n"
                  "/metrics  figures for Prometheus\n/docs     the API, to read\n"
                  "/openapi.json  the API, for programs\n";
}

void alive(const http::Request&, http::Response& response) {
  response.content_type("text/plain; charset=utf-8");
  response.body = "ok\n";
}

bool is_full(const Disk& disk) {
  if (disk.folder.empty()) return false;
  std::error_code error;
  const auto space = std::filesystem::space(disk.folder, error);
  return !error && static_cast<std::int64_t>(space.available) < disk.min_free_bytes;
}

// Each problem is {"what":...,"why":...}.
json::array problems(db::Database& database, const bulletins::Boards& boards, const Disk& disk) {
  json::array found;
  if (is_full(disk)) {
    found.push_back({{"what", "disk"}, {"why", "it has less room than min_free_bytes"}});
  }
  try {
    database.check();
  } catch (const Error& error) {
    found.push_back({{"what", "database"}, {"why", error.message()}});
  }
  for (const auto& [app_id, why] : boards.failures()) {
    found.push_back({{"what", "board of " + app_id}, {"why", "its last reload failed"}});
  }
  return found;
}

http::Response ready(db::Database& database, const bulletins::Boards& boards, const Disk& disk) {
  json::array found = problems(database, boards, disk);
  const bool is_ready = found.empty();
  const json::object body{{"ready", is_ready}, {"problems", std::move(found)}};
  return http::json_response(json::serialize(body), is_ready ? 200 : 503);
}

http::Response figures(const Metrics& metrics, jobs::JobGauges& job_gauges) {
  job_gauges.refresh();
  http::Response response;
  response.content_type("text/plain; version=0.0.4; charset=utf-8");
  response.body = metrics.render();
  return response;
}

}  // namespace

http::Routes operations_routes(db::Database& database, const bulletins::Boards& boards,
                               const Metrics& metrics, jobs::JobGauges& job_gauges,
                               const Disk& disk) {
  return {
      {Method::get, "/", Access::anyone, Surface::plain, http::immediate(front_page)},
      {Method::get, "/healthz", Access::anyone, Surface::plain, http::immediate(alive)},
      {Method::get, "/readyz", Access::anyone, Surface::plain,
       http::blocking([&, disk](const http::Request&) { return ready(database, boards, disk); })},
      {Method::get, "/metrics", Access::anyone, Surface::plain,
       http::blocking([&](const http::Request&) { return figures(metrics, job_gauges); })},
  };
}

}  // namespace callboard::app
