#include "bulletins/shown.hpp"

#include <utility>

#include "conditions/condition.hpp"
#include "conditions/lint.hpp"

namespace callboard::bulletins {

namespace json = boost::json;

json::array warnings_of(const json::value& condition) {
  json::array warnings;
  const auto parsed = conditions::parse(condition);
  if (!parsed) return warnings;
  for (const conditions::Warning& warning : conditions::lint(*parsed)) {
    warnings.push_back(
        {{"pointer", "/bulletin_condition" + warning.pointer}, {"message", warning.message}});
  }
  return warnings;
}

json::object shown(db::Transaction& transaction, const ServedCounts& counts,
                   std::string_view app_id, const Bulletin& bulletin, json::array warnings) {
  json::object shown = to_json(bulletin);
  shown["served"] = stored_served(transaction, app_id, bulletin.id) +
                    static_cast<std::int64_t>(counts.unwritten(app_id, bulletin.id));
  if (!warnings.empty()) shown["warnings"] = std::move(warnings);
  return shown;
}

}  // namespace callboard::bulletins
