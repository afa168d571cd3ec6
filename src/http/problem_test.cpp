#include "http/problem.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace callboard::http {
namespace {

Request request_with_id(std::string_view id) {
  Request request;
  request.id = id;
  return request;
}

Response problem(const Error& error, Surface surface) {
  Response response;
  write_problem(error, surface, request_with_id("id-1"), response);
  return response;
}

// `message` is JSON already; `more` follows the type.
std::string body(const std::string& message, const std::string& type,
                 const std::string& more = "") {
  return "{\"error\":{\"message\":\"" + message + "\",\"error_type\":\"" + type + "\"" + more +
         "}}";
}

struct Row {
  ErrorCode code;
  int app_status;
  const char* app_message;
  const char* app_type;
  int console_status;
  const char* console_type;
};

const Row rows[] = {
    {ErrorCode::bad_signature, 400, "sig_invalid(why):(signature is invalid)", "sig_invalid", 401,
     "auth_failed"},
    {ErrorCode::unauthenticated, 400, "auth_failed(why)", "auth_failed", 401, "auth_failed"},
    {ErrorCode::invalid, 400, "invalid_parameter(why)", "invalid_parameter", 400,
     "invalid_parameter"},
    {ErrorCode::forbidden, 400, "forbidden(why)", "forbidden", 403, "forbidden"},
    {ErrorCode::not_found, 404, "not_found(why)", "not_found", 404, "not_found"},
    {ErrorCode::conflict, 409, "conflict(why)", "conflict", 409, "conflict"},
    {ErrorCode::unprocessable, 422, "unprocessable(why)", "unprocessable", 422, "unprocessable"},
    {ErrorCode::too_large, 413, "too_large(why)", "too_large", 413, "too_large"},
    {ErrorCode::too_many, 429, "too_many(why)", "too_many", 429, "too_many"},
    {ErrorCode::unavailable, 503, "unavailable(why)", "unavailable", 503, "unavailable"},
};

TEST(Problem, SpeaksToPeopleAsTheirFrontEndReadsIt) {
  const Response people = problem(Error(ErrorCode::unauthenticated, "why"), Surface::people);
  EXPECT_EQ(people.status, 401);
  EXPECT_EQ(people.body, R"({"msg":"why","data":{"msg":"why"}})");
  EXPECT_EQ(problem(invalid_at("/id", "is empty"), Surface::people).body,
            R"({"msg":"is empty","data":{"msg":"is empty",)"
            R"("details":[{"pointer":"/id","message":"is empty"}]}})");
  const Response hidden = problem(Error(ErrorCode::internal, "secret"), Surface::people);
  EXPECT_EQ(hidden.body, R"({"msg":"internal error","data":{"msg":"internal error"}})");

  const Response quiz = problem(Error(ErrorCode::not_found, "why"), Surface::psycho_test);
  EXPECT_EQ(quiz.status, 404);
  EXPECT_EQ(quiz.body, R"({"status":"Failed","message":"why"})");
}

TEST(Problem, MapsEveryCodeBySurface) {
  for (const Row& row : rows) {
    SCOPED_TRACE(name_of(row.code));
    const Response app = problem(Error(row.code, "why"), Surface::app);
    EXPECT_EQ(app.status, row.app_status);
    EXPECT_EQ(app.body, body(row.app_message, row.app_type));
    const Response console = problem(Error(row.code, "why"), Surface::console);
    EXPECT_EQ(console.status, row.console_status);
    EXPECT_EQ(console.body, body("why", row.console_type));
    EXPECT_FALSE(console.has_content_type()) << "JSON is the default";
  }
}

TEST(Problem, TellsNothingOfAnInternalErrorButItsRequest) {
  const std::string wanted = body("internal error", "internal", ",\"request_id\":\"id-1\"");
  for (const Surface surface : {Surface::app, Surface::console}) {
    const Response response = problem(Error(ErrorCode::internal, "secret"), surface);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body, wanted);
  }
}

TEST(Problem, ShowsDetailsButNothingPrivate) {
  const Error error = Error(ErrorCode::invalid, "bad \"x\"")
                          .with_private("secret")
                          .with_details({{"/a/0", "first"}, {"", "second"}});
  const std::string details =
      R"(,"details":[{"pointer":"/a/0","message":"first"},{"pointer":"","message":"second"}])";
  EXPECT_EQ(problem(error, Surface::console).body,
            body("bad \\\"x\\\"", "invalid_parameter", details));
  EXPECT_EQ(problem(error, Surface::app).body,
            body("invalid_parameter(bad \\\"x\\\")", "invalid_parameter", details));
}

TEST(Problem, SaysWhenToRetry) {
  const auto lines = [](const Error& error) { return problem(error, Surface::app).header_lines(); };
  EXPECT_EQ(lines(Error(ErrorCode::unavailable, "x")), "Retry-After: 1\r\n");
  EXPECT_EQ(lines(Error(ErrorCode::too_many, "x").with_retry_after(std::chrono::seconds{7})),
            "Retry-After: 7\r\n");
  EXPECT_EQ(lines(Error(ErrorCode::conflict, "x")), "");
}

TEST(Problem, PlainIsText) {
  const Response response = problem(Error(ErrorCode::unauthenticated, "who"), Surface::plain);
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body, "who\n");
  EXPECT_EQ(response.header_lines(), "Content-Type: text/plain; charset=utf-8\r\n");
}

TEST(Problem, WhateverElseIsThrownIsInternal) {
  const std::string wanted = body("internal error", "internal", ",\"request_id\":\"id-2\"");
  Response response;
  response.body = "half an answer";
  response.header("X", "y");
  for (const auto& thrown :
       {std::make_exception_ptr(std::runtime_error("secret")), std::make_exception_ptr(42)}) {
    write_problem(error_of(thrown), Surface::app, request_with_id("id-2"), response);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body, wanted);
    EXPECT_EQ(response.header_lines(), "");
  }
}

TEST(Problem, SurvivesAMessageThatIsNotUtf8) {
  EXPECT_EQ(problem(Error(ErrorCode::invalid, "a\xff!"), Surface::console).body,
            body("a?!", "invalid_parameter"));
}

TEST(Problem, RefusalsHaveTheAppsShape) {
  Response response;
  write_refusal({431, "too many headers"}, response);
  EXPECT_EQ(response.status, 431);
  EXPECT_EQ(response.body, body("header_too_large(too many headers)", "header_too_large"));

  write_refusal({413, "too much"}, response, Surface::people);
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, R"({"msg":"too much","data":{"msg":"too much"}})");
  write_refusal({413, "too much"}, response, Surface::psycho_test);
  EXPECT_EQ(response.body, R"({"status":"Failed","message":"too much"})");
}

}  // namespace
}  // namespace callboard::http
