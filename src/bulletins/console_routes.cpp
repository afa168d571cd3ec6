#include "bulletins/console_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "bulletins/bulletin_store.hpp"
#include "bulletins/console_request.hpp"
#include "bulletins/draft_condition.hpp"
#include "bulletins/exchange_routes.hpp"
#include "bulletins/history_routes.hpp"
#include "bulletins/list_query.hpp"
#include "bulletins/preview.hpp"
#include "bulletins/shown.hpp"

namespace callboard::bulletins {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Surface;

http::Routes ConsoleRoutes::table() {
  static const std::string all =
      "/api/workspace/{workspace_id}/application/{app_id}/bulletin_board";
  static const std::string one = all + "/{bulletin_id}";
  const auto writing = [this](auto member) {
    return http::deferred([this, member](const http::Request& request, http::Responder responder) {
      (this->*member)(request, std::move(responder));
    });
  };
  const auto reading = [this](auto member) {
    return http::blocking(
        [this, member](const http::Request& request) { return (this->*member)(request); });
  };
  http::Routes routes = {
      {Method::post, all, Access::editor, Surface::console, writing(&ConsoleRoutes::create)},
      {Method::get, all, Access::viewer, Surface::console, reading(&ConsoleRoutes::list)},
      {Method::put, all, Access::editor, Surface::console, writing(&ConsoleRoutes::update)},
      {Method::delete_, all, Access::editor, Surface::console, writing(&ConsoleRoutes::erase)},
      {Method::post, all + "/preview", Access::viewer, Surface::console,
       reading(&ConsoleRoutes::preview)},
      {Method::post, all + "/audience", Access::viewer, Surface::console,
       reading(&ConsoleRoutes::audience)},
      {Method::get, one, Access::viewer, Surface::console, reading(&ConsoleRoutes::get)},
      {Method::put, one, Access::editor, Surface::console, writing(&ConsoleRoutes::update)},
      {Method::delete_, one, Access::editor, Surface::console, writing(&ConsoleRoutes::erase)},
  };
  for (auto& more : {history_routes(database_, writer_, counts_),
                     exchange_routes(database_, writer_,
                                     [this](std::string app_id) { return is_declared(app_id); })}) {
    routes.insert(routes.end(), more.begin(), more.end());
  }
  return routes;
}

ConsoleRoutes::ConsoleRoutes(db::Database& database, Boards& boards, const audience::Users& users,
                             const audience::DataProviders& providers, const Clock& clock)
    : database_(database),
      users_(users),
      providers_(providers),
      clock_(clock),
      counts_(boards.served()),
      writer_(database, boards, clock),
      audience_counter_(database, providers, clock) {}

IsDeclared ConsoleRoutes::is_declared(std::string app_id) {
  return [this, app_id = std::move(app_id)](std::string_view name) {
    return providers_.is_declared(app_id, name);
  };
}

void ConsoleRoutes::create(const http::Request& request, http::Responder responder) {
  Draft draft = draft_from_json(parse_json(request.body), is_declared(app_of(request)));
  auto warnings = warnings_of(draft.condition);
  writer_.write(
      audience::audit_entry(request, "bulletin.create", ""),
      [this, draft = std::move(draft),
       warnings = std::move(warnings)](BoardChange& board) -> json::value {
        return shown(board.transaction(), counts_, board.app_id(), board.create(draft), warnings);
      },
      std::move(responder));
}

void ConsoleRoutes::update(const http::Request& request, http::Responder responder) {
  const auto id = has_id_in_path(request) ? std::optional(id_in_path(request)) : std::nullopt;
  Update update = update_from_json(parse_json(request.body), id, is_declared(app_of(request)));
  auto warnings = warnings_of(update.draft.condition);
  writer_.write(
      audience::audit_entry(request, "bulletin.update", ""),
      [this, update = std::move(update),
       warnings = std::move(warnings)](BoardChange& board) -> json::value {
        return shown(board.transaction(), counts_, board.app_id(), board.update(update), warnings);
      },
      std::move(responder));
}

void ConsoleRoutes::erase(const http::Request& request, http::Responder responder) {
  const std::int64_t id =
      has_id_in_path(request) ? id_in_path(request) : id_from_json(parse_json(request.body));
  writer_.write(
      audience::audit_entry(request, "bulletin.delete", ""),
      [id](BoardChange& board) -> json::value {
        board.erase(id);
        return json::object{{"id", id}};
      },
      std::move(responder));
}

http::Response ConsoleRoutes::list(const http::Request& request) {
  const ListQuery query = list_query(request);
  const std::string app_id = app_of(request);
  const json::object page = database_.get([&](db::Transaction& transaction) {
    const Page found = bulletins::list(transaction, app_id, query, clock_.now());
    json::array boards;
    for (const Bulletin& bulletin : found.bulletins) {
      boards.push_back(shown(transaction, counts_, app_id, bulletin));
    }
    return json::object{{"total", found.total}, {"boards", std::move(boards)}};
  });
  return http::json_response(to_json_text(page));
}

http::Response ConsoleRoutes::get(const http::Request& request) {
  const std::string app_id = app_of(request);
  const std::int64_t id = id_in_path(request);
  return http::json_response(to_json_text(database_.get([&](db::Transaction& transaction) {
    const auto bulletin = find(transaction, app_id, id);
    if (!bulletin) throw Error(ErrorCode::not_found, "no such bulletin");
    return shown(transaction, counts_, app_id, *bulletin);
  })));
}

http::Response ConsoleRoutes::preview(const http::Request& request) {
  const std::string app_id = app_of(request);
  const Preview preview =
      preview_from_json(parse_json(request.body), is_declared(app_id), clock_.now());
  return http::json_response(to_json_text(explain(preview, app_id, users_, providers_)));
}

http::Response ConsoleRoutes::audience(const http::Request& request) {
  const std::string app_id = app_of(request);
  const json::value value = parse_json(request.body);
  JsonReader body(value);
  const auto condition = read_draft_condition(body, is_declared(app_id));
  body.finish();
  const Audience audience = audience_counter_.count(app_id, condition);
  return http::json_response(
      to_json_text(json::object{{"matching", audience.matching},
                                {"total", audience.total},
                                {"sample", json::value_from(audience.sample)}}));
}

}  // namespace callboard::bulletins
