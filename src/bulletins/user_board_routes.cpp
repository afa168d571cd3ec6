#include "bulletins/user_board_routes.hpp"

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "bulletins/preview.hpp"
#include "conditions/instant.hpp"
#include "http/calls.hpp"

namespace callboard::bulletins {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;
using http::Surface;

struct UserBoard {
  Boards& boards;
  const audience::Users& users;
  const audience::DataProviders& providers;
  const Clock& clock;

  Response board(const Request& request) const;

 private:
  json::object explained(const Post& post, std::string_view app_id, Preview preview) const;
};

}  // namespace

http::Routes user_board_routes(Boards& boards, const audience::Users& users,
                               const audience::DataProviders& providers, const Clock& clock) {
  const http::Calls call(UserBoard{boards, users, providers, clock});
  return {
      {Method::get, "/api/workspace/{workspace_id}/application/{app_id}/users/{user_id}/board",
       Access::viewer, Surface::console, call(&UserBoard::board)},
  };
}

namespace {

// Whose board is asked for, and when; the query's `attr.NAME` stand in for what a client would
// tell about itself.
Preview asked_in(const Request& request, Timestamp now) {
  Preview preview;
  preview.user_id = request.parameter(2);
  audience::require_user_id(*preview.user_id);
  preview.attributes = audience::overrides_from_query(request);
  preview.at = now;
  const auto at = request.query_value("at");
  if (!at) return preview;
  const auto instant = conditions::parse_instant(*at);
  if (!instant) {
    throw Error(ErrorCode::invalid, "at must be an RFC 3339 date-time with an offset");
  }
  preview.at = timestamp_from_ms(instant->unix_s * 1000 + instant->nanoseconds / 1'000'000);
  return preview;
}

bool is_expired(const Post& post, Timestamp at) {
  return post.end_unix_s != 0 && post.end_unix_s <= unix_seconds(at);
}

json::object UserBoard::explained(const Post& post, std::string_view app_id,
                                  Preview preview) const {
  preview.condition = post.condition;
  json::object shown = parse_json(post.fragment).as_object();
  const bool is_live = post.start_unix_s <= unix_seconds(preview.at);
  json::object why = explain(preview, app_id, users, providers);
  return {{"id", post.id},
          {"name", std::move(shown["name"])},
          {"category", post.category},
          {"priority", std::move(shown["priority"])},
          {"valid_date_start", post.start_unix_s},
          {"valid_date_end", post.end_unix_s},
          {"state", is_live ? "live" : "scheduled"},
          {"shown", is_live && why.at("matches").as_bool()},
          {"matches", std::move(why["matches"])},
          {"explanation", std::move(why["explanation"])}};
}

Response UserBoard::board(const Request& request) const {
  const std::string_view app_id = request.caller.app_id;
  const Preview preview = asked_in(request, clock.now());
  const auto board = boards.get(app_id);
  json::array bulletins;
  bool truncated = false;
  for (const PostPointer& post : board->posts()) {
    if (is_expired(*post, preview.at)) continue;
    truncated = bulletins.size() == max_explained_bulletins;
    if (truncated) break;
    bulletins.push_back(explained(*post, app_id, preview));
  }
  return http::json_response(to_json_text(json::object{{"user_id", *preview.user_id},
                                                       {"at", rfc3339(preview.at)},
                                                       {"board_revision", board->revision()},
                                                       {"bulletins", std::move(bulletins)},
                                                       {"truncated", truncated}}));
}

}  // namespace
}  // namespace callboard::bulletins
