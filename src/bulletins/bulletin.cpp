#include "bulletins/bulletin.hpp"

#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "conditions/condition.hpp"
#include "conditions/instant.hpp"

namespace callboard::bulletins {
namespace {

namespace json = boost::json;

// What Callboard gives a bulletin: shown in answers, and ignored where a client sends it back.
constexpr std::string_view read_only_members[] = {"created_at", "updated_at", "served", "warnings"};

constexpr std::string_view seed_members[] = {"bulletin_name",  "category",
                                             "bulletin_body",  "valid_date_start",
                                             "valid_date_end", "bulletin_condition"};

// The shape that means everyone, as the seed writes it.
json::value everyone() {
  return {{"logic", ""}, {"conditions", json::array()}};
}

void read_texts(JsonReader& body, Draft& draft) {
  const auto name = body.string("bulletin_name");
  if (name && name->empty()) body.refuse("bulletin_name", "must not be empty");
  draft.name = name.value_or("");
  if (count_characters(draft.name) > max_name_characters) {
    body.refuse("bulletin_name", "must have at most 255 characters");
  }
  draft.category = body.string("category").value_or("");
  if (count_characters(draft.category) > max_category_characters) {
    body.refuse("category", "must have at most 255 characters");
  }
  draft.body = body.string("bulletin_body").value_or("");
  if (draft.body.size() > max_body_bytes) {
    body.refuse("bulletin_body", "must have at most 65536 bytes");
  }
}

void read_window(JsonReader& body, Draft& draft) {
  draft.start_unix_s = body.integer("valid_date_start", 0, max_unix_s).value_or(0);
  draft.end_unix_s = body.integer("valid_date_end", 0, max_unix_s).value_or(0);
  if (draft.start_unix_s != 0 && draft.end_unix_s != 0 && draft.end_unix_s <= draft.start_unix_s) {
    body.refuse("valid_date_end", "must be later than valid_date_start");
  }
}

void read_condition(JsonReader& body, Draft& draft, const IsDeclared& is_declared) {
  draft.condition = everyone();
  const json::value* condition = body.find("bulletin_condition");
  if (condition == nullptr) return;
  conditions::ParseOptions options;
  options.is_declared = is_declared;
  if (auto parsed = conditions::parse(*condition, options); !parsed) {
    body.refuse_at("/bulletin_condition" + parsed.error().pointer, parsed.error().message);
    return;
  }
  const auto* group = condition->if_object();
  if (condition->is_null() || (group != nullptr && group->empty())) return;
  draft.condition = *condition;
}

Draft read_draft(JsonReader& body, const IsDeclared& is_declared) {
  Draft draft;
  read_texts(body, draft);
  read_window(body, draft);
  read_condition(body, draft, is_declared);
  for (const auto name : read_only_members) body.ignore(name);
  return draft;
}

std::int64_t read_id(JsonReader& body, std::optional<std::int64_t> path_id) {
  const auto id = body.integer("bulletin_id", 1, max_bulletin_id);
  if (!path_id) {
    body.require("bulletin_id");
    return id.value_or(0);
  }
  if (id && *id != *path_id) body.refuse("bulletin_id", "is not the bulletin of this path");
  return *path_id;
}

}  // namespace

Draft draft_from_json(const json::value& value, const IsDeclared& is_declared) {
  JsonReader body(value);
  body.require("bulletin_name");
  if (body.find("bulletin_id") != nullptr) {
    body.refuse("bulletin_id", "is given by the server and must be absent");
  }
  body.ignore("revision");
  Draft draft = read_draft(body, is_declared);
  draft.enabled = body.boolean("enable").value_or(true);
  draft.priority = body.integer("priority", -max_priority, max_priority).value_or(0);
  body.finish();
  return draft;
}

Update update_from_json(const json::value& value, std::optional<std::int64_t> path_id,
                        const IsDeclared& is_declared) {
  JsonReader body(value);
  Update update;
  update.id = read_id(body, path_id);
  for (const auto name : seed_members) body.require(name);
  update.draft = read_draft(body, is_declared);
  update.enabled = body.boolean("enable");
  update.priority = body.integer("priority", -max_priority, max_priority);
  update.expected_revision = body.integer("revision", 1, max_bulletin_id);
  body.finish();
  return update;
}

std::int64_t id_from_json(const json::value& value) {
  JsonReader body(value);
  body.require("id");
  const auto id = body.integer("id", 1, max_bulletin_id);
  body.finish();
  return id.value_or(0);
}

json::object to_json(const Bulletin& bulletin) {
  return {{"bulletin_id", bulletin.id},
          {"bulletin_name", bulletin.name},
          {"category", bulletin.category},
          {"bulletin_body", bulletin.body},
          {"valid_date_start", bulletin.start_unix_s},
          {"valid_date_end", bulletin.end_unix_s},
          {"enable", bulletin.enabled},
          {"bulletin_condition", bulletin.condition},
          {"priority", bulletin.priority},
          {"revision", bulletin.revision},
          {"created_at", rfc3339(bulletin.created_at)},
          {"updated_at", rfc3339(bulletin.updated_at)}};
}

Bulletin bulletin_from_json(const json::value& value) {
  const Update read = update_from_json(value, std::nullopt, {});
  const json::object& members = value.as_object();
  const auto moment = [&](std::string_view name) {
    const json::value* text = members.if_contains(name);
    const auto time = text != nullptr && text->is_string() ? timestamp_from_text(text->get_string())
                                                           : std::nullopt;
    if (!time) throw invalid_at("/" + std::string(name), "is no date-time");
    return *time;
  };
  Bulletin bulletin;
  static_cast<Draft&>(bulletin) = read.draft;
  bulletin.id = read.id;
  bulletin.enabled = read.enabled.value_or(true);
  bulletin.priority = read.priority.value_or(0);
  bulletin.revision = read.expected_revision.value_or(1);
  bulletin.created_at = moment("created_at");
  bulletin.updated_at = moment("updated_at");
  return bulletin;
}

std::optional<Timestamp> timestamp_from_text(std::string_view text) {
  const auto instant = conditions::parse_instant(text);
  if (!instant) return std::nullopt;
  return Timestamp{std::chrono::seconds{instant->unix_s} +
                   std::chrono::milliseconds{instant->nanoseconds / 1'000'000}};
}

}  // namespace callboard::bulletins
