#include "bulletins/draft_condition.hpp"

#include <utility>

namespace callboard::bulletins {

conditions::Condition read_draft_condition(JsonReader& body, const IsDeclared& is_declared) {
  const auto bulletin_id = body.integer("bulletin_id", 1, max_bulletin_id);
  const auto* written = body.require("bulletin_condition");
  if (written == nullptr) return {};
  conditions::ParseOptions options;
  options.is_declared = is_declared;
  auto parsed = conditions::parse(*written, options);
  if (!parsed) {
    body.refuse_at("/bulletin_condition" + parsed.error().pointer, parsed.error().message);
    return {};
  }
  if (!bulletin_id) return *std::move(parsed);
  return parsed->with_rollout_group(std::to_string(*bulletin_id));
}

}  // namespace callboard::bulletins
