#include "quizzes/console_routes.hpp"

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "http/calls.hpp"
#include "quizzes/quiz_changes.hpp"
#include "quizzes/quiz_json.hpp"
#include "quizzes/quiz_store.hpp"

namespace callboard::quizzes {
namespace {

using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct ConsoleCalls {
  db::Database& database;
  const Clock& clock;

  Response list(const Request& request) const;
  Response get(const Request& request) const;
  void create(const Request& request, Responder responder) const;
  void change(const Request& request, Responder responder) const;
  void erase(const Request& request, Responder responder) const;
  void reset(const Request& request, Responder responder) const;
  void add_type(const Request& request, Responder responder) const;
  void change_type(const Request& request, Responder responder) const;
  void remove_type(const Request& request, Responder responder) const;

 private:
  // Returns the answer's body.
  using Change = std::function<std::string(QuizChanges&)>;
  void write(const Request& request, Change change, Responder responder) const;
};

}  // namespace

http::Routes console_routes(db::Database& database, const Clock& clock) {
  using Calls = ConsoleCalls;
  const http::Calls call(Calls{database, clock});
  const std::string all = "/api/workspace/{workspace_id}/application/{app_id}/quizzes";
  const std::string one = all + "/{quiz}";
  const std::string type = one + "/types/{type}";
  constexpr auto surface = Surface::console;
  return {
      {Method::get, all, Access::viewer, surface, call(&Calls::list)},
      {Method::post, all, Access::editor, surface, call(&Calls::create)},
      {Method::get, one, Access::viewer, surface, call(&Calls::get)},
      {Method::patch, one, Access::editor, surface, call(&Calls::change)},
      {Method::delete_, one, Access::editor, surface, call(&Calls::erase)},
      {Method::post, one + "/reset", Access::editor, surface, call(&Calls::reset)},
      {Method::post, one + "/types", Access::editor, surface, call(&Calls::add_type)},
      {Method::patch, type, Access::editor, surface, call(&Calls::change_type)},
      {Method::delete_, type, Access::editor, surface, call(&Calls::remove_type)},
  };
}

namespace {

std::string quiz_in_path(const Request& request) {
  std::string key = request.parameter(2);
  if (!is_quiz_key(key)) throw Error(ErrorCode::not_found, "there is no such quiz");
  return key;
}

std::string type_in_path(const Request& request) {
  std::string type = request.parameter(3);
  if (!is_type(type)) throw Error(ErrorCode::not_found, "the quiz has no such type");
  return type;
}

Response ConsoleCalls::list(const Request& request) const {
  std::string body = "{\"quizzes\":[";
  database.read([&](db::Transaction& transaction) {
    for (const Quiz& quiz : list_quizzes(transaction, request.caller.app_id)) {
      if (body.back() != '[') body += ',';
      body += shown(quiz);
    }
  });
  return http::json_response(body + "]}");
}

Response ConsoleCalls::get(const Request& request) const {
  const std::string key = quiz_in_path(request);
  const auto quiz = database.get([&](db::Transaction& transaction) {
    return find_quiz(transaction, request.caller.app_id, key);
  });
  if (!quiz) throw Error(ErrorCode::not_found, "there is no such quiz");
  return http::json_response(shown(*quiz));
}

void ConsoleCalls::write(const Request& request, Change change, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [change = std::move(change), now = clock.now(),
       by = audience::audit_entry(request, "", "")](db::Transaction& transaction) {
        QuizChanges changes(transaction, by, now);
        return http::json_response(change(changes));
      });
}

void ConsoleCalls::create(const Request& request, Responder responder) const {
  write(
      request,
      [draft = quiz_from_json(parse_json(request.body))](QuizChanges& changes) {
        return shown(changes.create(draft));
      },
      std::move(responder));
}

void ConsoleCalls::change(const Request& request, Responder responder) const {
  write(
      request,
      [key = quiz_in_path(request), revision = quiz_revision_from_json(parse_json(request.body))](
          QuizChanges& changes) { return shown(changes.update(key, revision)); },
      std::move(responder));
}

void ConsoleCalls::erase(const Request& request, Responder responder) const {
  const std::string key = quiz_in_path(request);
  audience::require_confirmation(request.body, key);
  write(
      request,
      [key](QuizChanges& changes) {
        changes.erase(key);
        return to_json_text(boost::json::object{{"key", key}});
      },
      std::move(responder));
}

void ConsoleCalls::reset(const Request& request, Responder responder) const {
  const std::string key = quiz_in_path(request);
  audience::require_confirmation(request.body, key);
  write(
      request, [key](QuizChanges& changes) { return shown(changes.reset(key)); },
      std::move(responder));
}

void ConsoleCalls::add_type(const Request& request, Responder responder) const {
  write(
      request,
      [key = quiz_in_path(request), type = type_from_json(parse_json(request.body))](
          QuizChanges& changes) { return shown(changes.add_type(key, type)); },
      std::move(responder));
}

void ConsoleCalls::change_type(const Request& request, Responder responder) const {
  write(
      request,
      [key = quiz_in_path(request), type = type_in_path(request),
       revision = type_revision_from_json(parse_json(request.body))](QuizChanges& changes) {
        return shown(changes.update_type(key, type, revision));
      },
      std::move(responder));
}

void ConsoleCalls::remove_type(const Request& request, Responder responder) const {
  const std::string type = type_in_path(request);
  audience::require_confirmation(request.body, type);
  write(
      request,
      [key = quiz_in_path(request), type](QuizChanges& changes) {
        return shown(changes.remove_type(key, type));
      },
      std::move(responder));
}

}  // namespace
}  // namespace callboard::quizzes
