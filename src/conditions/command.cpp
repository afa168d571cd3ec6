#include "conditions/command.hpp"

#include <boost/json.hpp>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <unordered_map>

#include "base/error.hpp"
#include "base/json.hpp"
#include "conditions/evaluate.hpp"
#include "conditions/explain.hpp"
#include "conditions/lint.hpp"
#include "conditions/raw_member.hpp"

namespace callboard::conditions {
namespace {

namespace json = boost::json;

// A condition that is nested too deeply is still to be answered with its place and its id, so a
// line may be deeper than JSON elsewhere.
constexpr std::size_t max_line_depth = 1'000;

enum class Got { line, too_long, end };

// Takes one line; of one that is too long, nothing is kept.
Got next_line(std::istream& in, std::string& line) {
  line.clear();
  bool is_too_long = false;
  for (int c = in.get(); c != std::char_traits<char>::eof(); c = in.get()) {
    if (c == '\n') return is_too_long ? Got::too_long : Got::line;
    is_too_long |= line.size() == max_line_bytes;
    if (!is_too_long) line += static_cast<char>(c);
  }
  if (is_too_long) return Got::too_long;
  return line.empty() ? Got::end : Got::line;
}

std::string error_text(const ParseError& error) {
  const json::object body{{"pointer", error.pointer}, {"message", error.message}};
  return "\"error\":" + to_json_text(body);
}

ParseError not_json(const Error& error) {
  std::string pointer = error.details().empty() ? "" : error.details().front().pointer;
  return {std::move(pointer), error.message()};
}

// What a rollout hashes where no group is given: only texts and integers name something.
std::string default_group(const json::object& line) {
  const json::value* id = line.if_contains("id");
  if (id == nullptr) return "";
  if (id->is_string()) return std::string(id->get_string());
  return id->is_int64() || id->is_uint64() ? to_json_text(*id) : "";
}

tl::expected<Condition, ParseError> condition_of(const json::object& line) {
  const json::value* written = line.if_contains("condition");
  auto condition = parse(written == nullptr ? json::value() : *written,
                         {.is_declared = {}, .allow_bare_leaf = true});
  if (!condition) return condition;
  return condition->with_rollout_group(default_group(line));
}

using Variables = std::unordered_map<std::string, Value>;

tl::expected<Variables, ParseError> variables_of(const json::object& line) {
  Variables variables;
  const json::value* written = line.if_contains("variables");
  if (written == nullptr || written->is_null()) return variables;
  if (!written->is_object()) return tl::unexpected(ParseError{"/variables", "must be an object"});
  for (const auto& member : written->get_object())
    variables.emplace(member.key(), value_from_json(member.value()));
  return variables;
}

std::string eval_text(const json::object& line, bool explained) {
  const auto condition = condition_of(line);
  if (!condition) return error_text(condition.error());
  const auto variables = variables_of(line);
  if (!variables) return error_text(variables.error());
  const auto lookup = [&](std::string_view name) -> const Value* {
    const auto found = variables->find(std::string(name));
    return found == variables->end() ? nullptr : &found->second;
  };
  std::string text = "\"matches\":";
  text += evaluate(*condition, lookup) ? "true" : "false";
  if (explained) text += ",\"explanation\":" + to_json_text(explain(*condition, lookup));
  return text;
}

std::string lint_text(const json::object& line) {
  const auto condition = condition_of(line);
  if (!condition) return error_text(condition.error());
  json::array warnings;
  for (const auto& [pointer, message] : lint(*condition))
    warnings.push_back({{"pointer", pointer}, {"message", message}});
  return "\"warnings\":" + to_json_text(warnings);
}

using Answer = std::function<std::string(const json::object& line)>;

std::string answer_line(const std::string& line, const Answer& answer) {
  try {
    const json::value parsed = parse_json(line, max_line_depth);
    if (!parsed.is_object()) return "{\"id\":null," + error_text({"", "must be an object"}) + "}";
    const std::string_view id = raw_member(line, "id").value_or("null");
    return "{\"id\":" + std::string(id) + "," + answer(parsed.get_object()) + "}";
  } catch (const Error& error) {
    return "{\"id\":null," + error_text(not_json(error)) + "}";
  }
}

int answer_lines(std::istream& in, std::ostream& out, const Answer& answer) {
  static const std::string too_long =
      "{\"id\":null," + error_text({"", "the line is too long"}) + "}";
  std::string line;
  for (Got got = next_line(in, line); got != Got::end && out; got = next_line(in, line)) {
    out << (got == Got::too_long ? too_long : answer_line(line, answer)) << '\n';
    // Whoever waits for this answer before asking again gets it now.
    if (in.rdbuf()->in_avail() <= 0) out.flush();
  }
  out.flush();
  return out ? 0 : 1;
}

}  // namespace

int run_eval(std::istream& in, std::ostream& out, bool explain) {
  return answer_lines(in, out,
                      [explain](const json::object& line) { return eval_text(line, explain); });
}

int run_lint(std::istream& in, std::ostream& out) {
  return answer_lines(in, out, lint_text);
}

}  // namespace callboard::conditions
