#include "bulletins/preview.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json_reader.hpp"
#include "bulletins/draft_condition.hpp"
#include "conditions/evaluate.hpp"
#include "conditions/explain.hpp"

namespace callboard::bulletins {
namespace {

namespace json = boost::json;

Timestamp read_moment(JsonReader& body, Timestamp now) {
  const auto text = body.string("at");
  if (!text) return now;
  const auto moment = timestamp_from_text(*text);
  if (!moment) body.refuse("at", "must be an RFC 3339 date-time with an offset");
  return moment.value_or(now);
}

void read_subject(JsonReader& body, Preview& preview) {
  const json::value* attributes = body.find("attributes");
  preview.user_id = body.string("user_id");
  if ((attributes != nullptr) == (body.find("user_id") != nullptr)) {
    body.refuse_at("", "must have either attributes or user_id");
  } else if (attributes != nullptr) {
    // Nobody in particular, unless the attributes say who.
    preview.attributes = audience::combined_overrides(
        {{"user_id", {}}}, audience::overrides_from_json(*attributes, "/attributes"));
  } else if (preview.user_id && !audience::is_user_id(*preview.user_id)) {
    body.refuse("user_id", "must be 1 to 128 bytes of printable ASCII without '/'");
  }
}

}  // namespace

Preview preview_from_json(const json::value& value, const IsDeclared& is_declared, Timestamp now) {
  JsonReader body(value);
  Preview preview;
  preview.condition = read_draft_condition(body, is_declared);
  read_subject(body, preview);
  preview.at = read_moment(body, now);
  body.finish();
  return preview;
}

json::object explain(const Preview& preview, std::string_view app_id, const audience::Users& users,
                     const audience::DataProviders& providers) {
  const auto names = preview.condition.variables();
  const audience::Binding binding = providers.bind(app_id, names);
  audience::Subject subject;
  subject.app_id = app_id;
  subject.user = preview.user_id ? users.load(app_id, *preview.user_id)
                                 : std::make_shared<const audience::User>(std::string());
  if (preview.attributes) subject.overrides = *preview.attributes;
  subject.now = preview.at;
  audience::Scratch scratch;
  providers.fill_blocking(binding, subject, scratch);
  const auto slot_of = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  };
  const auto value_of = [&](std::string_view name) { return scratch.values()[slot_of(name)]; };
  const auto source_of = [&](std::string_view name) {
    return providers.source_of(binding, slot_of(name), subject);
  };
  return {{"matches", conditions::evaluate(preview.condition, value_of)},
          {"explanation", conditions::explain(preview.condition, value_of, source_of)}};
}

}  // namespace callboard::bulletins
