#include "quizzes/psycho_test_routes.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "http/calls.hpp"
#include "quizzes/caller.hpp"
#include "quizzes/form.hpp"
#include "quizzes/quiz_changes.hpp"

namespace callboard::quizzes {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct PsychoTestCalls {
  db::Database& database;
  TallyWriter& writer;
  const Statistics& statistics;
  const audience::Applications& applications;
  const Clock& clock;

  void create(const Request& request, Responder responder) const;
  void count(const Request& request, Responder responder) const;
  void create_by_get(const Request& request, Responder responder) const;
  void count_by_get(const Request& request, Responder responder) const;
  bool percentages_from_memory(const Request& request, Response& response) const;
  Response percentages(const Request& request) const;

 private:
  void require_get_writes(const Request& request) const;
};

}  // namespace

http::Routes psycho_test_routes(db::Database& database, TallyWriter& writer,
                                const Statistics& statistics,
                                const audience::Applications& applications, const Clock& clock) {
  using Calls = PsychoTestCalls;
  const http::Calls call(Calls{database, writer, statistics, applications, clock});
  constexpr auto create = "/psycho-test/type-create";
  constexpr auto count = "/psycho-test/type-addcount";
  constexpr auto surface = Surface::psycho_test;
  return {
      {Method::post, create, Access::app_editor, surface, call(&Calls::create)},
      {Method::post, count, Access::proven, surface, call(&Calls::count)},
      {Method::get, create, Access::app_editor, surface, call(&Calls::create_by_get),
       http::default_max_body, /*only_reads=*/false, /*writes=*/true},
      {Method::get, count, Access::proven, surface, call(&Calls::count_by_get),
       http::default_max_body, /*only_reads=*/false, /*writes=*/true},
      {Method::get, "/psycho-test/type-percentage", Access::visitor, surface,
       call(&Calls::percentages_from_memory, &Calls::percentages)},
  };
}

namespace {

// The words that the front end's first back end used.
Error invalid_parameters() {
  return {ErrorCode::invalid, "Missing or invalid parameters"};
}

// Of the query or, where that has none, of a body that is a form.
std::optional<std::string> parameter(const Request& request, std::string_view name) {
  try {
    auto value = request.query_value(name);
    if (value || request.body.empty()) return value;
    return form_value(request, name);
  } catch (const Error&) {
    throw invalid_parameters();
  }
}

std::string type_in(const Request& request) {
  std::string type = parameter(request, "type").value_or("");
  if (!is_type(type)) throw invalid_parameters();
  return type;
}

std::int64_t count_in(const Request& request) {
  const auto text = parameter(request, "count");
  if (!text) return 1;
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), count);
  const bool is_whole = failure == std::errc{} && end == text->data() + text->size();
  const std::int64_t most = is_user(request.caller) ? 1 : max_count;
  if (!is_whole || count < 1 || count > most) throw invalid_parameters();
  return count;
}

Response succeeded(std::string_view message) {
  return http::json_response(
      to_json_text(json::object{{"status", "Success"}, {"message", message}}));
}

Error worded(const Error& error) {
  if (error.code() != ErrorCode::not_found) return error;
  return {ErrorCode::not_found, "Psychological type doesn't exist"};
}

void PsychoTestCalls::create(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [type = type_in(request), by = audience::audit_entry(request, "", ""),
       now = clock.now()](db::Transaction& transaction) {
        try {
          QuizChanges(transaction, by, now).add_type_to_default({.type = type});
        } catch (const Error& error) {
          if (error.code() != ErrorCode::conflict) throw;
          throw Error(ErrorCode::invalid, "Psychological type already exists");
        }
        return succeeded("Create type successfully");
      });
}

void PsychoTestCalls::count(const Request& request, Responder responder) const {
  Increment increment = increment_by(request);
  increment.quiz = default_quiz;
  increment.type = type_in(request);
  increment.count = count_in(request);
  auto answer = std::make_shared<Responder>(std::move(responder));
  writer.add(std::move(increment), [answer](const Outcome& outcome) {
    if (outcome)
      answer->send(succeeded("Successfully add the count of the type"));
    else
      answer->fail(std::make_exception_ptr(worded(outcome.error())));
  });
}

// As if the path were unknown. A page can make a browser ask for any address, with the console's
// cookie, so that a member proves nothing here.
void PsychoTestCalls::require_get_writes(const Request& request) const {
  const auto application = applications.require(request.caller.app_id);
  if (!application->settings.psycho_test_get_writes) {
    throw Error(ErrorCode::not_found, "no such path");
  }
  if (request.caller.actor.starts_with("member:")) {
    throw Error(ErrorCode::forbidden, "a member's session is not enough for a GET that writes");
  }
}

void PsychoTestCalls::create_by_get(const Request& request, Responder responder) const {
  require_get_writes(request);
  create(request, std::move(responder));
}

void PsychoTestCalls::count_by_get(const Request& request, Responder responder) const {
  require_get_writes(request);
  count(request, std::move(responder));
}

void write(const QuizStatistics& found, Response& response) {
  if (!found.quiz() || found.quiz()->types.empty()) {
    throw Error(ErrorCode::invalid, "No existing psychological test");
  }
  const auto total = static_cast<double>(found.quiz()->total());
  if (total == 0) throw Error(ErrorCode::not_found, "No tested data");
  json::object percentages;
  for (const ResultType& type : found.quiz()->types) {
    percentages[type.type] = static_cast<double>(type.tally) / total * 100;
  }
  response.header("Cache-Control", "no-cache");
  response.body =
      to_json_text(json::object{{"status", "Success"}, {"data", std::move(percentages)}});
}

bool PsychoTestCalls::percentages_from_memory(const Request& request, Response& response) const {
  const auto found = statistics.from_memory(request.caller.app_id, default_quiz);
  if (found == nullptr) return false;
  write(*found, response);
  return true;
}

Response PsychoTestCalls::percentages(const Request& request) const {
  Response response;
  write(*statistics.load(request.caller.app_id, default_quiz), response);
  return response;
}

}  // namespace
}  // namespace callboard::quizzes
