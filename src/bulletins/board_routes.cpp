#include "bulletins/board_routes.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"

namespace callboard::bulletins {

using http::Access;
using http::Method;
using http::Surface;

http::Routes BoardRoutes::table() {
  static constexpr auto own = "/bp/bulletin_board";
  static constexpr auto of_user = "/bp/server/user/{user_id}/bulletin_board";
  return {
      {Method::get, own, Access::client, Surface::app, read_for(About::caller)},
      {Method::get, of_user, Access::backend, Surface::app, read_for(About::path)},
      {Method::post, of_user, Access::backend, Surface::app,
       http::deferred([this](const http::Request& request, http::Responder responder) {
         read_with_context(request, std::move(responder));
       }),
       http::default_max_body, /*only_reads=*/true},
  };
}

namespace {

// How long a reader that asks for a newer board waits for it.
constexpr std::chrono::seconds max_wait_for_revision{1};

std::optional<std::int64_t> min_revision(const http::Request& request) {
  const auto text = request.header("X-Min-Board-Revision");
  if (!text) return std::nullopt;
  std::int64_t revision = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), revision);
  if (failure == std::errc{} && end == text->data() + text->size() && revision >= 0) {
    return revision;
  }
  throw Error(ErrorCode::invalid, "X-Min-Board-Revision must be a whole number");
}

std::string user_asked_about(const http::Request& request, bool in_path) {
  std::string user_id = in_path ? request.parameter(0) : std::string(request.caller.user_id);
  audience::require_user_id(user_id);
  return user_id;
}

std::vector<std::string> categories_of(const http::Request& request) {
  if (request.query.empty()) return {};
  auto categories = request.query_values("category");
  if (categories.size() <= max_category_filters) return categories;
  throw Error(ErrorCode::invalid, "category is given more than 100 times");
}

audience::Attributes context_of(const http::Request& request) {
  const auto value = parse_json(request.body);
  JsonReader body(value);
  const auto* context = body.require("context");
  body.finish();
  return audience::overrides_from_json(*context, "/context");
}

}  // namespace

// One request's question with what it refers to. The request lives as long as its responder.
struct BoardRoutes::Reading {
  const http::Request& request;
  std::string user_id;
  std::vector<std::string> categories;
  audience::Attributes overrides;

  Question question() const {
    return {request.caller.app_id, user_id, &request, overrides, categories};
  }
};

BoardRoutes::BoardRoutes(db::Database& database, Boards& boards, BoardReader& reader,
                         http::WorkPool& pool, const Clock& clock)
    : database_(database), boards_(boards), reader_(reader), pool_(pool), clock_(clock) {}

http::Handler BoardRoutes::read_for(About about) {
  return {[this, about](const http::Request& request, http::Response& response) {
            return read_from_memory(request, about, response);
          },
          [this, about](const http::Request& request, http::Responder responder) {
            read(request, about, std::move(responder));
          }};
}

bool BoardRoutes::read_from_memory(const http::Request& request, About about,
                                   http::Response& response) {
  const Board* board = boards_.current(request.caller.app_id);
  if (board == nullptr || min_revision(request).value_or(0) > board->revision()) return false;
  if (about == About::caller && request.query.empty()) {
    return reader_.answer_from_memory({request.caller.app_id, request.caller.user_id, &request},
                                      response);
  }
  const bool in_path = about == About::path;
  const Reading reading{request, user_asked_about(request, in_path), categories_of(request),
                        in_path ? audience::overrides_from_query(request) : audience::Attributes{}};
  return reader_.answer_from_memory(reading.question(), response);
}

void BoardRoutes::read(const http::Request& request, About about, http::Responder responder) {
  const bool in_path = about == About::path;
  auto reading = std::make_shared<Reading>(
      Reading{request, user_asked_about(request, in_path), categories_of(request),
              in_path ? audience::overrides_from_query(request) : audience::Attributes{}});
  answer_when_new_enough(std::move(reading), std::move(responder));
}

void BoardRoutes::read_with_context(const http::Request& request, http::Responder responder) {
  auto reading = std::make_shared<Reading>(Reading{
      request, user_asked_about(request, true), categories_of(request),
      audience::combined_overrides(audience::overrides_from_query(request), context_of(request))});
  answer_when_new_enough(std::move(reading), std::move(responder));
}

void BoardRoutes::answer_when_new_enough(std::shared_ptr<Reading> reading,
                                         http::Responder responder) {
  const std::string app_id(reading->request.caller.app_id);
  const auto wanted = min_revision(reading->request);
  if (!wanted) return answer(*reading, std::move(responder));
  const auto stored = database_.get(
      [&](db::Transaction& transaction) { return board_revision(transaction, app_id); });
  if (*wanted > stored) {
    throw Error(ErrorCode::invalid,
                "X-Min-Board-Revision is above the current " + std::to_string(stored));
  }
  responder.fail_at(clock_.monotonic() + max_wait_for_revision,
                    std::make_exception_ptr(Error(ErrorCode::unavailable,
                                                  "the board of that revision is not here yet")));
  auto shared = std::make_shared<http::Responder>(std::move(responder));
  boards_.when_at_least(app_id, *wanted, [this, reading, shared](bool reached) {
    // On the loader's thread: the answer may have to load, so it goes back to the pool.
    const bool queued =
        reached && pool_.submit([this, reading, shared] { answer(*reading, std::move(*shared)); });
    if (queued) return;
    shared->fail(std::make_exception_ptr(
        Error(ErrorCode::unavailable, "the board of that revision can't be read now")));
  });
}

void BoardRoutes::answer(const Reading& reading, http::Responder responder) {
  try {
    http::Response response;
    reader_.answer_blocking(reading.question(), response);
    responder.send(std::move(response));
  } catch (...) {
    responder.fail(std::current_exception());
  }
}

}  // namespace callboard::bulletins
