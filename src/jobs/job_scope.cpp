#include "jobs/job_scope.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "jobs/job.hpp"

namespace callboard::jobs {

bool is_job_name(std::string_view text) {
  const auto may_be = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= max_job_name_bytes && std::ranges::all_of(text, may_be);
}

bool Scope::has(std::string_view app_id) const {
  return !app_ids || std::ranges::find(*app_ids, app_id) != app_ids->end();
}

Scope Scope::narrowed_to(std::string_view app_id) const {
  Scope narrowed{std::vector<std::string>{}};
  if (has(app_id)) narrowed.app_ids->emplace_back(app_id);
  return narrowed;
}

// The comparisons with the empty text let the indexes by application be used.
std::string Scope::condition(const db::Transaction& transaction) const {
  if (!app_ids) return "$1 = ''";
  if (app_ids->size() == 1) return "app_id = $1 AND app_id <> ''";
  return "app_id <> '' AND app_id IN (SELECT text FROM " + transaction.texts_in("$1") +
         " AS scope)";
}

std::string Scope::value() const {
  if (!app_ids) return {};
  if (app_ids->size() == 1) return app_ids->front();
  return boost::json::serialize(boost::json::value_from(*app_ids));
}

std::string_view table_of(std::string_view state) {
  return is_finished(state) ? "job_history" : "jobs";
}

}  // namespace callboard::jobs
