#include "bulletins/console_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "bulletins/draft_condition.hpp"
#include "bulletins/list_query.hpp"
#include "bulletins/preview.hpp"

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
  return {
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
}

namespace {

constexpr std::size_t id_parameter = 2;  // after the workspace and the application

std::string app_of(const http::Request& request) {
  return request.parameter(1);
}

std::optional<std::int64_t> path_id(const http::Request& request) {
  const std::string_view text = request.parameters[id_parameter];
  if (text.data() == nullptr) return std::nullopt;
  std::int64_t id = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failure == std::errc{} && end == text.data() + text.size() && id > 0) return id;
  throw Error(ErrorCode::not_found, "no such bulletin");
}

}  // namespace

ConsoleRoutes::ConsoleRoutes(db::Database& database, Boards& boards, const audience::Users& users,
                             const audience::DataProviders& providers, const Clock& clock)
    : database_(database),
      boards_(boards),
      users_(users),
      providers_(providers),
      clock_(clock),
      audience_counter_(database, providers, clock) {}

IsDeclared ConsoleRoutes::is_declared(std::string app_id) {
  return [this, app_id = std::move(app_id)](std::string_view name) {
    return providers_.is_declared(app_id, name);
  };
}

// What a committed write answers.
struct ConsoleRoutes::Outcome {
  json::value body;
  std::int64_t board_revision = 0;
};

void ConsoleRoutes::write(std::string app_id, Change change, http::Responder responder) {
  auto outcome = std::make_shared<Outcome>();
  auto shared = std::make_shared<http::Responder>(std::move(responder));
  const auto answer = [outcome, shared](bool) {
    http::Response response = http::json_response(to_json_text(outcome->body));
    response.header("X-Board-Revision", std::to_string(outcome->board_revision));
    shared->send(std::move(response));
  };
  database_.write(
      [outcome, change = std::move(change)](db::Transaction& transaction) {
        *outcome = change(transaction);
      },
      [this, app_id = std::move(app_id), outcome, shared, answer](std::exception_ptr failure) {
        if (failure) return shared->fail(failure);
        // Committed: answered as soon as this node's readers see it, or could not be made to.
        boards_.when_at_least(app_id, outcome->board_revision, answer);
      });
}

void ConsoleRoutes::create(const http::Request& request, http::Responder responder) {
  const std::string app_id = app_of(request);
  Draft draft = draft_from_json(parse_json(request.body), is_declared(app_id));
  write(
      app_id,
      [this, app_id, draft = std::move(draft)](db::Transaction& transaction) -> Outcome {
        const Written written = bulletins::create(transaction, app_id, draft, clock_.now());
        return {to_json(written.bulletin), written.board_revision};
      },
      std::move(responder));
}

void ConsoleRoutes::update(const http::Request& request, http::Responder responder) {
  const std::string app_id = app_of(request);
  Update update = update_from_json(parse_json(request.body), path_id(request), is_declared(app_id));
  write(
      app_id,
      [this, app_id, update = std::move(update)](db::Transaction& transaction) -> Outcome {
        const Written written = bulletins::update(transaction, app_id, update, clock_.now());
        return {to_json(written.bulletin), written.board_revision};
      },
      std::move(responder));
}

void ConsoleRoutes::erase(const http::Request& request, http::Responder responder) {
  const std::string app_id = app_of(request);
  const auto in_path = path_id(request);
  const std::int64_t id = in_path ? *in_path : id_from_json(parse_json(request.body));
  write(
      app_id,
      [app_id, id](db::Transaction& transaction) -> Outcome {
        return {json::object{{"id", id}}, bulletins::erase(transaction, app_id, id)};
      },
      std::move(responder));
}

http::Response ConsoleRoutes::list(const http::Request& request) {
  const ListQuery query = list_query(request);
  const std::string app_id = app_of(request);
  const Page page = database_.get([&](db::Transaction& transaction) {
    return bulletins::list(transaction, app_id, query, clock_.now());
  });
  json::array boards;
  for (const Bulletin& bulletin : page.bulletins) boards.push_back(to_json(bulletin));
  return http::json_response(
      to_json_text(json::object{{"total", page.total}, {"boards", std::move(boards)}}));
}

http::Response ConsoleRoutes::get(const http::Request& request) {
  const std::string app_id = app_of(request);
  const auto id = path_id(request);
  const auto bulletin = database_.get(
      [&](db::Transaction& transaction) { return find(transaction, app_id, id.value_or(0)); });
  if (!bulletin) throw Error(ErrorCode::not_found, "no such bulletin");
  return http::json_response(to_json_text(to_json(*bulletin)));
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
