#include "identity/person.hpp"

#include <algorithm>

namespace callboard::identity {
namespace {

constexpr std::string_view select_people =
    "SELECT u.user_id, COALESCE(a.name, ''), COALESCE(a.picture_url, ''), u.registered_at_ms,"
    " u.updated_at_ms, COALESCE(a.updated_at_ms, 0) FROM users u LEFT JOIN line_accounts a"
    " ON a.app_id = u.app_id AND a.user_id = u.user_id WHERE u.app_id = $1 ";

Person read_person(const db::Row& row) {
  return {row.string(0), row.string(1), row.string(2), timestamp_from_ms(row.integer(3)),
          timestamp_from_ms(std::max(row.integer(4), row.integer(5)))};
}

}  // namespace

std::optional<Person> find_person(db::Transaction& transaction, std::string_view app_id,
                                  std::string_view user_id) {
  return transaction.first(std::string(select_people) + "AND u.user_id = $2", {app_id, user_id},
                           read_person);
}

void list_people(db::Transaction& transaction, std::string_view app_id, const PeoplePage& page,
                 const std::function<void(const Person&)>& each) {
  transaction.query(std::string(select_people) + "ORDER BY u.user_id LIMIT $2 OFFSET $3",
                    {app_id, page.limit, page.offset},
                    [&](const db::Row& row) { each(read_person(row)); });
}

}  // namespace callboard::identity
