#include "audience/check.hpp"

#include <boost/json.hpp>
#include <vector>

#include "audience/application_store.hpp"
#include "audience/attributes.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

void check_applications(db::Transaction& transaction,
                        const std::function<void(std::string)>& report) {
  std::vector<std::string> app_ids;
  transaction.query("SELECT app_id FROM applications ORDER BY app_id", {},
                    [&](const db::Row& row) { app_ids.push_back(row.string(0)); });
  for (const std::string& app_id : app_ids) {
    try {
      find_application(transaction, app_id);
    } catch (const Error& error) {
      report("the settings of application " + app_id + ": " + error.message());
    }
  }
}

void check_users(db::Transaction& transaction, const std::function<void(std::string)>& report) {
  transaction.query("SELECT app_id, user_id, attributes FROM users", {}, [&](const db::Row& row) {
    try {
      checked_attributes(parse_json(row.text(2)), "");
    } catch (const Error& error) {
      report("the attributes of user " + row.string(1) + " of " + row.string(0) + ": " +
             error.message());
    }
  });
}

}  // namespace

void check_stored(db::Transaction& transaction, const std::function<void(std::string)>& report) {
  check_applications(transaction, report);
  check_users(transaction, report);
}

}  // namespace callboard::audience
