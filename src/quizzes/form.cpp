#include "quizzes/form.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace callboard::quizzes {
namespace {

constexpr std::string_view multipart_type = "multipart/form-data";
constexpr std::string_view line_end = "\r\n";
constexpr std::size_t max_boundary_characters = 70;  // RFC 2046

Error malformed() {
  return {ErrorCode::invalid, "the body is no form"};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes what stands before `end` off `rest`, and the end. Throws where there is none.
std::string_view take_until(std::string_view& rest, std::string_view end) {
  const auto at = rest.find(end);
  if (at == std::string_view::npos) throw malformed();
  const auto taken = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return taken;
}

// `form-data; name="type"; filename="a.txt"`: one of its parameters, in quotes or without. Browsers
// escape a quote in a name as %22, so that none stands between the quotes.
std::optional<std::string_view> parameter_of(std::string_view value, std::string_view name) {
  std::size_t at = value.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = trimmed(value.substr(at + 1));
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) throw malformed();
    const auto found = trimmed(rest.substr(0, equals));
    rest = trimmed(rest.substr(equals + 1));
    std::string_view text;
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      text = take_until(rest, "\"");
    } else {
      text = trimmed(rest.substr(0, rest.find(';')));
    }
    if (http::equal_ignoring_case(found, name)) return text;
    at = rest.find(';');
    value = rest;
  }
  return std::nullopt;
}

// The name of a part with these header lines.
std::string_view name_in(std::string_view headers) {
  while (!headers.empty()) {
    const auto line = take_until(headers, line_end);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) throw malformed();
    if (!http::equal_ignoring_case(line.substr(0, colon), "Content-Disposition")) continue;
    const auto value = trimmed(line.substr(colon + 1));
    if (!http::equal_ignoring_case(trimmed(value.substr(0, value.find(';'))), "form-data")) break;
    if (parameter_of(value, "filename") || parameter_of(value, "filename*")) break;
    if (const auto name = parameter_of(value, "name")) return *name;
    break;
  }
  throw malformed();
}

// Looks at all parts, whichever has it.
std::optional<std::string> multipart_value(std::string_view body, std::string_view boundary,
                                           std::string_view name) {
  if (boundary.empty() || boundary.size() > max_boundary_characters) throw malformed();
  const std::string delimiter = "\r\n--" + std::string(boundary);
  std::optional<std::string> found;
  if (!body.starts_with(std::string_view(delimiter).substr(line_end.size()))) throw malformed();
  body.remove_prefix(delimiter.size() - line_end.size());
  for (std::size_t parts = 0; !body.starts_with("--"); ++parts) {
    if (parts == max_form_parts || !body.starts_with(line_end)) throw malformed();
    body.remove_prefix(line_end.size());
    std::string_view part = take_until(body, delimiter);
    const auto end = part.find("\r\n\r\n");
    if (end == std::string_view::npos) throw malformed();
    const auto part_name = name_in(part.substr(0, end + line_end.size()));
    if (!found && part_name == name) found = part.substr(end + 2 * line_end.size());
  }
  body.remove_prefix(2);
  if (!body.empty() && body != line_end) throw malformed();
  return found;
}

}  // namespace

std::optional<std::string> form_value(const http::Request& request, std::string_view name) {
  if (request.body.size() > max_form_bytes) throw malformed();
  const auto type = trimmed(request.header("Content-Type").value_or(""));
  if (http::equal_ignoring_case(trimmed(type.substr(0, type.find(';'))), multipart_type)) {
    return multipart_value(request.body, parameter_of(type, "boundary").value_or(""), name);
  }
  http::Request form;
  form.query = request.body;
  return form.query_value(name);
}

}  // namespace callboard::quizzes
