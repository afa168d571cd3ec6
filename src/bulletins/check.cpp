#include "bulletins/check.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "bulletins/bulletin_store.hpp"
#include "conditions/condition.hpp"

namespace callboard::bulletins {
namespace {

using Report = std::function<void(std::string)>;

constexpr std::int64_t checked_at_once = 1'000;

std::string why_unreadable(std::string_view condition) {
  try {
    const auto parsed = conditions::parse(parse_json(condition));
    return parsed ? "" : parsed.error().message;
  } catch (const Error& error) {
    return error.message();
  }
}

using BulletinKey = std::pair<std::string, std::int64_t>;  // of which application

// The last of the page; nothing: there was none.
std::optional<BulletinKey> check_page(db::Transaction& transaction, const BulletinKey& after,
                                      const Report& report) {
  std::optional<BulletinKey> last;
  transaction.query(
      "SELECT app_id, bulletin_id, condition FROM bulletins"
      " WHERE (app_id, bulletin_id) > ($1, $2) ORDER BY app_id, bulletin_id LIMIT $3",
      {after.first, after.second, checked_at_once}, [&](const db::Row& row) {
        last.emplace(row.string(0), row.integer(1));
        const std::string why = why_unreadable(row.text(2));
        if (why.empty()) return;
        report("the condition of bulletin " + std::to_string(row.integer(1)) + " of " +
               row.string(0) + ": " + why);
      });
  return last;
}

void check_conditions(db::Transaction& transaction, const Report& report) {
  for (std::optional<BulletinKey> last = BulletinKey(); last;) {
    last = check_page(transaction, *last, report);
  }
}

// An id above the board's last one would be given out a second time.
void check_boards(db::Transaction& transaction, const Report& report) {
  transaction.query(
      "SELECT bulletins.app_id, MAX(bulletin_id) FROM bulletins "
      "LEFT JOIN boards ON boards.app_id = bulletins.app_id "
      "WHERE boards.app_id IS NULL OR bulletin_id > last_bulletin_id GROUP BY bulletins.app_id",
      {}, [&](const db::Row& row) {
        report("the board of " + row.string(0) + " does not know of its bulletin " +
               std::to_string(row.integer(1)));
      });
}

void check_changes(db::Transaction& transaction, const Report& report) {
  transaction.query(
      "SELECT changes.app_id, changes.key, revision FROM changes "
      "JOIN boards ON boards.app_id = changes.app_id WHERE kind = $1",
      {board_change}, [&](const db::Row& row) {
        const std::string_view key = row.text(1);
        std::int64_t announced = 0;
        std::from_chars(key.data(), key.data() + key.size(), announced);
        if (announced <= row.integer(2)) return;
        report("the change log has revision " + row.string(1) + " of the board of " +
               row.string(0) + ", which is at " + std::to_string(row.integer(2)));
      });
}

}  // namespace

void check_stored(db::Transaction& transaction, const Report& report) {
  check_conditions(transaction, report);
  check_boards(transaction, report);
  check_changes(transaction, report);
}

}  // namespace callboard::bulletins
