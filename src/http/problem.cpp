#include "http/problem.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/json.hpp"
#include "base/log.hpp"
#include "http/trace_context.hpp"

namespace callboard::http {
namespace {

struct Row {
  ErrorCode code;
  int app_status;  // what the app's clients expect
  std::string_view app_type;
  int status;  // everybody else
  std::string_view type;
};

constexpr std::array<Row, 11> table = {{
    {ErrorCode::invalid, 400, "invalid_parameter", 400, "invalid_parameter"},
    {ErrorCode::bad_signature, 400, "sig_invalid", 401, "auth_failed"},
    {ErrorCode::unauthenticated, 400, "auth_failed", 401, "auth_failed"},
    {ErrorCode::forbidden, 400, "forbidden", 403, "forbidden"},
    {ErrorCode::not_found, 404, "not_found", 404, "not_found"},
    {ErrorCode::conflict, 409, "conflict", 409, "conflict"},
    {ErrorCode::too_many, 429, "too_many", 429, "too_many"},
    {ErrorCode::too_large, 413, "too_large", 413, "too_large"},
    {ErrorCode::unprocessable, 422, "unprocessable", 422, "unprocessable"},
    {ErrorCode::unavailable, 503, "unavailable", 503, "unavailable"},
    {ErrorCode::internal, 500, "internal", 500, "internal"},
}};

struct RefusalRow {
  int status;
  std::string_view type;
};

constexpr std::array<RefusalRow, 10> refusals = {{
    {400, "bad_request"},
    {404, "not_found"},
    {405, "method_not_allowed"},
    {408, "request_timeout"},
    {413, "too_large"},
    {414, "target_too_long"},
    {417, "expectation_failed"},
    {431, "header_too_large"},
    {501, "not_implemented"},
    {505, "version_not_supported"},
}};

constexpr std::chrono::seconds default_retry_after{1};
constexpr std::string_view internal_message = "internal error";

const Row& row_of(ErrorCode code) {
  const auto row = std::ranges::find(table, code, &Row::code);
  return row == table.end() ? table.back() : *row;
}

std::string app_message(const Error& error, std::string_view type) {
  if (error.code() == ErrorCode::internal) return std::string(internal_message);
  const std::string text = std::string(type) + "(" + error.message() + ")";
  // The words that clients of the interface already match on.
  return error.code() == ErrorCode::bad_signature ? text + ":(signature is invalid)" : text;
}

void append_text(std::string& out, std::string_view text) {
  if (is_valid_utf8(text)) return append_json_string(out, text);
  std::string ascii(text);
  std::ranges::replace_if(ascii, [](char c) { return (c & 0x80) != 0; }, '?');
  append_json_string(out, ascii);
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append("\"").append(name).append("\":");
  append_text(out, text);
}

void append_details(std::string& out, const std::vector<ErrorDetail>& details) {
  out += ",\"details\":[";
  for (const ErrorDetail& detail : details) {
    if (&detail != &details.front()) out += ',';
    out += '{';
    if (detail.line != 0) out.append("\"line\":").append(std::to_string(detail.line)).append(",");
    append_member(out, "pointer", detail.pointer);
    out += ',';
    append_member(out, "message", detail.message);
    out += '}';
  }
  out += ']';
}

void write_json(const Error& error, Surface surface, std::string_view request_id, Response& out) {
  const Row& row = row_of(error.code());
  const bool app = surface == Surface::app;
  const bool internal = error.code() == ErrorCode::internal;
  const std::string_view type = app ? row.app_type : row.type;
  out.status = app ? row.app_status : row.status;
  out.body = "{\"error\":{";
  append_member(out.body, "message",
                app        ? app_message(error, type)
                : internal ? internal_message
                           : error.message());
  out.body += ',';
  append_member(out.body, "error_type", type);
  if (internal) {
    out.body += ',';
    append_member(out.body, "request_id", request_id);
  } else if (!error.details().empty()) {
    append_details(out.body, error.details());
  }
  out.body += "}}";
}

std::string_view public_message(const Error& error) {
  return error.code() == ErrorCode::internal ? internal_message : error.message();
}

void append_for_people(std::string& out, std::string_view message,
                       const std::vector<ErrorDetail>& details) {
  out += '{';
  append_member(out, "msg", message);
  out += ",\"data\":{";
  append_member(out, "msg", message);
  if (!details.empty()) append_details(out, details);
  out += "}}";
}

void append_for_psycho_test(std::string& out, std::string_view message) {
  out += "{\"status\":\"Failed\",";
  append_member(out, "message", message);
  out += '}';
}

void write_for_people(const Error& error, Response& out) {
  out.status = row_of(error.code()).status;
  append_for_people(out.body, public_message(error), error.details());
}

void write_for_psycho_test(const Error& error, Response& out) {
  out.status = row_of(error.code()).status;
  append_for_psycho_test(out.body, public_message(error));
}

void write_text(const Error& error, Response& out) {
  out.status = row_of(error.code()).status;
  out.content_type("text/plain; charset=utf-8");
  out.body = public_message(error);
  out.body += '\n';
}

}  // namespace

Error error_of(const std::exception_ptr& thrown) {
  const auto unexpected = [](std::string_view what) {
    return Error(ErrorCode::internal, std::string(internal_message))
        .with_private(std::string(what));
  };
  if (!thrown) return unexpected("an error without a cause");
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& other) {
    return unexpected(other.what());
  } catch (...) {
    return unexpected("something that is not a std::exception");
  }
}

void write_problem(const Error& error, Surface surface, const Request& request, Response& out) {
  out.clear();
  if (!error.private_detail().empty() || error.code() == ErrorCode::internal) {
    log::warning("request_failed", {{"request_id", request.id},
                                    {"traceparent", traceparent_of(request)},
                                    {"code", name_of(error.code())},
                                    {"message", error.message()},
                                    {"detail", error.private_detail()}});
  }
  switch (surface) {
    case Surface::app:
    case Surface::console:
      write_json(error, surface, request.id, out);
      break;
    case Surface::plain:
      write_text(error, out);
      break;
    case Surface::people:
      write_for_people(error, out);
      break;
    case Surface::psycho_test:
      write_for_psycho_test(error, out);
      break;
  }
  if (error.retry_after() || error.code() == ErrorCode::unavailable) {
    out.header("Retry-After",
               std::to_string(error.retry_after().value_or(default_retry_after).count()));
  }
}

void write_refusal(const Refusal& refusal, Response& out, Surface surface) {
  out.clear();
  const auto row = std::ranges::find(refusals, refusal.status, &RefusalRow::status);
  const std::string_view type = row == refusals.end() ? refusals.front().type : row->type;
  out.status = refusal.status;
  if (surface == Surface::people) return append_for_people(out.body, refusal.reason, {});
  if (surface == Surface::psycho_test) return append_for_psycho_test(out.body, refusal.reason);
  out.body = "{\"error\":{";
  append_member(out.body, "message", std::string(type) + "(" + std::string(refusal.reason) + ")");
  out.body += ',';
  append_member(out.body, "error_type", type);
  out.body += "}}";
}

}  // namespace callboard::http
