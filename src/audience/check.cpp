#include "audience/check.hpp"

#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "audience/application_store.hpp"
#include "audience/attributes.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

constexpr std::int64_t checked_at_once = 1'000;

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

using UserKey = std::pair<std::string, std::string>;  // of which application

// The last of the page; nothing: there was none.
std::optional<UserKey> check_page(db::Transaction& transaction, const UserKey& after,
                                  const std::function<void(std::string)>& report) {
  std::optional<UserKey> last;
  transaction.query(
      "SELECT app_id, user_id, attributes FROM users WHERE (app_id, user_id) > ($1, $2)"
      " ORDER BY app_id, user_id LIMIT $3",
      {after.first, after.second, checked_at_once}, [&](const db::Row& row) {
        last.emplace(row.string(0), row.string(1));
        try {
          checked_attributes(parse_json(row.text(2)), "");
        } catch (const Error& error) {
          report("the attributes of user " + row.string(1) + " of " + row.string(0) + ": " +
                 error.message());
        }
      });
  return last;
}

void check_users(db::Transaction& transaction, const std::function<void(std::string)>& report) {
  for (std::optional<UserKey> last = UserKey(); last;) {
    last = check_page(transaction, *last, report);
  }
}

}  // namespace

void check_stored(db::Transaction& transaction, const std::function<void(std::string)>& report) {
  check_applications(transaction, report);
  check_users(transaction, report);
}

}  // namespace callboard::audience
