#include "quizzes/quiz_json.hpp"

#include <boost/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"

namespace callboard::quizzes {
namespace {

namespace json = boost::json;

constexpr std::string_view title_rule =
    "must be at most 255 characters, none of them a control character";

std::optional<std::string> read_text(JsonReader& reader, std::string_view name,
                                     bool (*is_right)(std::string_view), std::string_view rule) {
  auto text = reader.string(name);
  if (text && !is_right(*text)) reader.refuse(name, std::string(rule));
  return text;
}

std::optional<std::string> read_type(JsonReader& reader) {
  return read_text(reader, "type", is_type, type_rule);
}
std::optional<std::string> read_title(JsonReader& reader) {
  return read_text(reader, "title", is_title, title_rule);
}

// A type without a title may be given as its text alone.
ResultType listed_type(const json::value& element, const std::string& pointer) {
  if (!element.is_string()) return type_from_json(element, pointer);
  return type_from_json(json::object{{"type", element}}, pointer);
}

std::vector<ResultType> types_from_json(const json::value& array) {
  std::vector<ResultType> types;
  std::set<std::string> names;
  read_elements(array, "/types", max_types_per_quiz,
                [&](const json::value& element, const std::string& pointer) {
                  types.push_back(listed_type(element, pointer));
                  if (!names.insert(types.back().type).second) {
                    throw invalid_at(pointer + "/type", "is there twice");
                  }
                });
  return types;
}

void append_text_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(name);
  append_json_string(out, text);
}

}  // namespace

QuizDraft quiz_from_json(const json::value& body) {
  JsonReader reader(body);
  QuizDraft draft;
  reader.require("key");
  draft.key = read_text(reader, "key", is_quiz_key, quiz_key_rule).value_or("");
  draft.title = read_title(reader).value_or("");
  draft.one_result_per_user = reader.boolean("one_result_per_user").value_or(false);
  if (const json::value* types = reader.find("types")) {
    reader.within([&] { draft.types = types_from_json(*types); });
  }
  reader.finish();
  return draft;
}

QuizRevision quiz_revision_from_json(const json::value& body) {
  JsonReader reader(body);
  QuizRevision revision{read_title(reader), reader.boolean("one_result_per_user")};
  reader.finish();
  return revision;
}

ResultType type_from_json(const json::value& body, const std::string& pointer) {
  JsonReader reader(body, pointer);
  reader.require("type");
  ResultType type{.type = read_type(reader).value_or(""), .title = read_title(reader).value_or("")};
  reader.finish();
  return type;
}

TypeRevision type_revision_from_json(const json::value& body) {
  JsonReader reader(body);
  TypeRevision revision{read_type(reader), read_title(reader)};
  reader.finish();
  return revision;
}

std::string shown(const Quiz& quiz) {
  const auto share = shares(quiz.types);
  std::string out;
  append_text_member(out, "{\"key\":", quiz.key);
  append_text_member(out, ",\"title\":", quiz.title);
  out += ",\"one_result_per_user\":";
  out += quiz.one_result_per_user ? "true" : "false";
  append_text_member(out, ",\"created_at\":", rfc3339(quiz.created_at));
  append_text_member(out, ",\"updated_at\":", rfc3339(quiz.updated_at));
  out += ",\"total\":" + std::to_string(quiz.total()) + ",\"types\":[";
  for (std::size_t i = 0; i < quiz.types.size(); ++i) {
    if (i > 0) out += ',';
    append_text_member(out, "{\"type\":", quiz.types[i].type);
    append_text_member(out, ",\"title\":", quiz.types[i].title);
    out += ",\"count\":" + std::to_string(quiz.types[i].tally);
    out += ",\"percent\":" + percent_text(share[i]) + '}';
  }
  return out + "]}";
}

}  // namespace callboard::quizzes
