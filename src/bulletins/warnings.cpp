#include "bulletins/warnings.hpp"

#include <boost/json.hpp>
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

json::object with_warnings(const Bulletin& bulletin, json::array warnings) {
  json::object shown = to_json(bulletin);
  if (!warnings.empty()) shown["warnings"] = std::move(warnings);
  return shown;
}

json::object with_warnings(const Bulletin& bulletin) {
  return with_warnings(bulletin, warnings_of(bulletin.condition));
}

}  // namespace callboard::bulletins
