#include "bulletins/exchange_routes.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "bulletins/bulletin_store.hpp"
#include "bulletins/console_request.hpp"
#include "bulletins/import.hpp"

namespace callboard::bulletins {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Surface;

struct Exchange {
  db::Database& database;
  BoardWriter& writer;
  std::function<IsDeclared(std::string)> declared;

  http::Response send_lines(const http::Request& request) const;
  void take_lines(const http::Request& request, http::Responder responder) const;
};

}  // namespace

http::Routes exchange_routes(db::Database& database, BoardWriter& writer,
                             std::function<IsDeclared(std::string)> declared) {
  const auto exchange =
      std::make_shared<const Exchange>(Exchange{database, writer, std::move(declared)});
  static const std::string all =
      "/api/workspace/{workspace_id}/application/{app_id}/bulletin_board";
  return {
      {Method::get, all + "/export", Access::viewer, Surface::console,
       http::blocking(
           [exchange](const http::Request& request) { return exchange->send_lines(request); })},
      {Method::post, all + "/import", Access::editor, Surface::console,
       http::deferred([exchange](const http::Request& request, http::Responder responder) {
         exchange->take_lines(request, std::move(responder));
       }),
       http::import_max_body},
  };
}

namespace {

constexpr std::int64_t rows_of_a_step = 100;  // of an export, read at once

// As much as one import takes.
struct Exported {
  std::string lines;
  std::size_t count = 0;
  std::int64_t last_id = 0;
  bool is_full = false;

  void add(const Bulletin& bulletin) {
    json::object shown = to_json(bulletin);
    shown.erase("revision");  // so that an import replaces whatever there is by then
    std::string line = to_json_text(shown) + '\n';
    is_full =
        is_full || count == max_import_lines || lines.size() + line.size() > http::import_max_body;
    if (is_full) return;
    lines += line;
    ++count;
    last_id = bulletin.id;
  }
};

std::int64_t after_of(const http::Request& request) {
  std::int64_t after = 0;
  for (const auto& [name, value] : request.query_pairs()) {
    if (name != "after") throw Error(ErrorCode::invalid, "unknown query parameter " + name);
    after = whole_number(name, value, max_bulletin_id);
  }
  return after;
}

bool is_dry_run(const http::Request& request) {
  bool is_dry = false;
  for (const auto& [name, value] : request.query_pairs()) {
    if (name != "dry_run") throw Error(ErrorCode::invalid, "unknown query parameter " + name);
    if (value != "true" && value != "false") {
      throw Error(ErrorCode::invalid, "dry_run must be true or false");
    }
    is_dry = value == "true";
  }
  return is_dry;
}

json::object to_json(const Imported& imported, bool is_dry) {
  json::object shown = {
      {"dry_run", is_dry}, {"created", imported.created}, {"replaced", imported.replaced}};
  if (!is_dry) shown["ids"] = json::value_from(imported.ids);
  return shown;
}

http::Response Exchange::send_lines(const http::Request& request) const {
  const std::string app_id = app_of(request);
  Exported exported;
  exported.last_id = after_of(request);
  database.read([&](db::Transaction& transaction) {
    for (std::size_t found = rows_of_a_step; found == rows_of_a_step && !exported.is_full;) {
      const auto step = list_by_id(transaction, app_id, exported.last_id, rows_of_a_step);
      for (const Bulletin& bulletin : step) exported.add(bulletin);
      found = step.size();
    }
  });
  http::Response response;
  response.content_type("application/x-ndjson");
  if (exported.is_full) response.header("X-Next-After", std::to_string(exported.last_id));
  response.body = std::move(exported.lines);
  return response;
}

void Exchange::take_lines(const http::Request& request, http::Responder responder) const {
  const bool is_dry = is_dry_run(request);
  auto lines = import_from_text(request.body, declared(app_of(request)));
  auto change = [lines = std::move(lines), is_dry](BoardChange& board) -> json::value {
    return to_json(import_lines(lines, board), is_dry);
  };
  auto by = audience::audit_entry(request, "bulletin.import", "");
  if (is_dry)
    writer.rehearse(std::move(by), std::move(change), std::move(responder));
  else
    writer.write(std::move(by), std::move(change), std::move(responder));
}

}  // namespace
}  // namespace callboard::bulletins
