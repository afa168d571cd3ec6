#include "bulletins/history_routes.hpp"

#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "bulletins/bulletin_store.hpp"
#include "bulletins/console_request.hpp"
#include "bulletins/history.hpp"
#include "bulletins/shown.hpp"

namespace callboard::bulletins {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Surface;

http::Response show(db::Database& database, const http::Request& request);
void restore(BoardWriter& writer, const ServedCounts& counts, const http::Request& request,
             http::Responder responder);

}  // namespace

http::Routes history_routes(db::Database& database, BoardWriter& writer,
                            const ServedCounts& counts) {
  static const std::string one =
      "/api/workspace/{workspace_id}/application/{app_id}/bulletin_board/{bulletin_id}";
  return {
      {Method::get, one + "/history", Access::viewer, Surface::console,
       http::blocking([&](const http::Request& request) { return show(database, request); })},
      {Method::post, one + "/restore", Access::editor, Surface::console,
       http::deferred([&](const http::Request& request, http::Responder responder) {
         restore(writer, counts, request, std::move(responder));
       })},
  };
}

namespace {

HistoryQuery query_of(const http::Request& request) {
  HistoryQuery query;
  query.workspace_id = request.parameter(0);
  query.app_id = app_of(request);
  query.bulletin_id = id_in_path(request);
  for (const auto& [name, value] : request.query_pairs()) {
    if (name == "before")
      query.before = whole_number(name, value, INT64_MAX);
    else if (name == "limit")
      query.limit = static_cast<std::size_t>(whole_number(name, value, max_history_page));
    else
      throw Error(ErrorCode::invalid, "unknown query parameter " + name);
  }
  return query;
}

http::Response show(db::Database& database, const http::Request& request) {
  const HistoryQuery query = query_of(request);
  const auto page = database.get([&](db::Transaction& transaction) {
    auto entries = history(transaction, query);
    const bool is_known = !entries.empty() || query.before ||
                          find(transaction, query.app_id, query.bulletin_id).has_value();
    if (!is_known) throw Error(ErrorCode::not_found, "no such bulletin");
    return entries;
  });
  json::array listed;
  for (const audience::RecordedEntry& entry : page) listed.push_back(history_to_json(entry));
  // Where the page is full there may be more.
  json::value next = nullptr;
  if (page.size() == query.limit) next = page.back().number;
  return http::json_response(
      to_json_text(json::object{{"history", std::move(listed)}, {"before", std::move(next)}}));
}

void restore(BoardWriter& writer, const ServedCounts& counts, const http::Request& request,
             http::Responder responder) {
  const json::value value = parse_json(request.body);
  JsonReader body(value);
  body.require("revision");
  const auto revision = body.integer("revision", 1, max_bulletin_id);
  body.finish();
  writer.write(
      audience::audit_entry(request, "bulletin.restore", ""),
      [&counts, id = id_in_path(request), revision = *revision](BoardChange& board) -> json::value {
        const Bulletin restored = board.restore(id, revision);
        return shown(board.transaction(), counts, board.app_id(), restored,
                     warnings_of(restored.condition));
      },
      std::move(responder));
}

}  // namespace
}  // namespace callboard::bulletins
