#include "quizzes/result_routes.hpp"

#include <boost/json.hpp>
#include <utility>

#include "audience/audience.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "http/calls.hpp"
#include "quizzes/caller.hpp"

namespace callboard::quizzes {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct ResultCalls {
  TallyWriter& writer;
  const Statistics& statistics;

  void add(const Request& request, Responder responder) const;
  bool read_from_memory(const Request& request, Response& response) const;
  Response read(const Request& request) const;
};

}  // namespace

http::Routes result_routes(TallyWriter& writer, const Statistics& statistics) {
  const http::Calls call(ResultCalls{writer, statistics});
  constexpr auto surface = Surface::people;
  return {
      {Method::post, "/quizzes/{quiz}/results", Access::proven, surface, call(&ResultCalls::add)},
      {Method::get, "/quizzes/{quiz}/statistics", Access::visitor, surface,
       call(&ResultCalls::read_from_memory, &ResultCalls::read)},
  };
}

namespace {

std::string quiz_in_path(const Request& request) {
  std::string key = request.parameter(0);
  if (!is_quiz_key(key)) throw Error(ErrorCode::not_found, "there is no such quiz");
  return key;
}

void read_body(const Request& request, Increment& increment) {
  const bool by_user = is_user(request.caller);
  const json::value value = parse_json(request.body);
  JsonReader body(value);
  body.require("type");
  increment.type = body.string("type").value_or("");
  if (!is_type(increment.type)) body.refuse("type", std::string(type_rule));
  increment.count = body.integer("count", 1, max_count).value_or(1);
  if (by_user && increment.count != 1) body.refuse("count", "must be 1 of a user");
  if (const auto user_id = body.string("user_id")) {
    if (by_user)
      body.refuse("user_id", "is for back ends and operators");
    else
      body.within([&] { audience::require_user_id(*user_id, "/user_id"); });
    increment.user_id = by_user ? increment.user_id : *user_id;
  }
  body.finish();
}

Response answered(const Increment& increment, const Counted& counted) {
  json::object data{{"quiz", increment.quiz}, {"type", increment.type}, {"count", counted.added}};
  if (counted.replaced.empty())
    data["replaced"] = nullptr;
  else
    data["replaced"] = counted.replaced;
  return http::json_response(
      to_json_text(json::object{{"msg", "success"}, {"data", std::move(data)}}));
}

void ResultCalls::add(const Request& request, Responder responder) const {
  Increment increment = increment_by(request);
  increment.quiz = quiz_in_path(request);
  read_body(request, increment);
  auto answer = std::make_shared<Responder>(std::move(responder));
  writer.add(increment, [increment, answer](const Outcome& outcome) {
    if (outcome)
      answer->send(answered(increment, *outcome));
    else
      answer->fail(std::make_exception_ptr(outcome.error()));
  });
}

void write(const QuizStatistics& found, Response& response) {
  if (!found.quiz()) throw Error(ErrorCode::not_found, "there is no such quiz");
  response.header("Cache-Control", "no-cache");
  response.body = found.body();
}

bool ResultCalls::read_from_memory(const Request& request, Response& response) const {
  const auto found = statistics.from_memory(request.caller.app_id, quiz_in_path(request));
  if (found == nullptr) return false;
  write(*found, response);
  return true;
}

Response ResultCalls::read(const Request& request) const {
  Response response;
  write(*statistics.load(request.caller.app_id, quiz_in_path(request)), response);
  return response;
}

}  // namespace
}  // namespace callboard::quizzes
