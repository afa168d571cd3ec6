#include "audience/user_store.hpp"

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

struct StoredUser {
  json::object attributes;
  std::int64_t version = 0;
  Timestamp registered_at;
};

StoredUser read_user(const db::Row& row) {
  return {parse_json(row.text(0)).as_object(), row.integer(1), timestamp_from_ms(row.integer(2))};
}

// Creates the user or raises the version; either way the row is locked until the transaction ends,
// so that two writers never merge into the same state.
StoredUser take(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
                Timestamp now) {
  return transaction
      .first(
          "INSERT INTO users "
          "(app_id, user_id, attributes, version, registered_at_ms, updated_at_ms) "
          "VALUES ($1, $2, '{}', 1, $3, $3) ON CONFLICT (app_id, user_id) "
          "DO UPDATE SET version = users.version + 1, updated_at_ms = excluded.updated_at_ms "
          "RETURNING attributes, version, registered_at_ms",
          {app_id, user_id, unix_ms(now)}, read_user)
      .value();
}

User save(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
          const StoredUser& stored, const std::string& pointer) {
  User user(std::string(user_id), stored.version, stored.registered_at, stored.attributes);
  if (user.attributes_json().size() > max_attributes_bytes) {
    throw invalid_at(pointer, "a user's attributes take at most 1 MiB");
  }
  transaction.execute("UPDATE users SET attributes = $3 WHERE app_id = $1 AND user_id = $2",
                      {app_id, user_id, user.attributes_json()});
  transaction.announce(app_id, "attributes", user_id);
  return user;
}

constexpr std::string_view select_records =
    "SELECT user_id, attributes, version, registered_at_ms, updated_at_ms FROM users ";

UserRecord read_record(const db::Row& row) {
  return {row.string(0), row.string(1), row.integer(2), timestamp_from_ms(row.integer(3)),
          timestamp_from_ms(row.integer(4))};
}

}  // namespace

std::optional<UserRecord> find_record(db::Transaction& transaction, std::string_view app_id,
                                      std::string_view user_id) {
  return transaction.first(std::string(select_records) + "WHERE app_id = $1 AND user_id = $2",
                           {app_id, user_id}, read_record);
}

void list_users(db::Transaction& transaction, std::string_view app_id, const UserPage& page,
                const std::function<void(const UserRecord&)>& each) {
  // Above every id of that prefix, since ids are printable ASCII.
  const std::string beyond = page.prefix + "\x7f";
  transaction.query(std::string(select_records) +
                        "WHERE app_id = $1 AND user_id > $2 AND user_id >= $3 AND user_id < $4 "
                        "ORDER BY user_id LIMIT $5",
                    {app_id, page.after, page.prefix, beyond, page.limit},
                    [&](const db::Row& row) { each(read_record(row)); });
}

bool erase_user(db::Transaction& transaction, std::string_view app_id, std::string_view user_id) {
  const auto erased = transaction.execute("DELETE FROM users WHERE app_id = $1 AND user_id = $2",
                                          {app_id, user_id});
  transaction.announce(app_id, "attributes", user_id);
  transaction.announce(app_id, erasure_change, user_id);
  return erased > 0;
}

std::optional<User> find_user(db::Transaction& transaction, std::string_view app_id,
                              std::string_view user_id) {
  const auto stored = transaction.first(
      "SELECT attributes, version, registered_at_ms FROM users "
      "WHERE app_id = $1 AND user_id = $2",
      {app_id, user_id}, read_user);
  if (!stored) return std::nullopt;
  return User(std::string(user_id), stored->version, stored->registered_at, stored->attributes);
}

User replace_attributes(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id, const json::object& attributes,
                        const std::vector<std::string>& kept, Timestamp now) {
  StoredUser stored = take(transaction, app_id, user_id, now);
  json::object remaining;
  for (const std::string& name : kept) {
    if (const json::value* value = stored.attributes.if_contains(name)) remaining[name] = *value;
  }
  stored.attributes = merged_attributes(std::move(remaining), attributes, "/attributes");
  return save(transaction, app_id, user_id, stored, "/attributes");
}

User merge_attributes(db::Transaction& transaction, std::string_view app_id,
                      std::string_view user_id, const json::object& changes,
                      const std::string& pointer, Timestamp now) {
  StoredUser stored = take(transaction, app_id, user_id, now);
  stored.attributes = merged_attributes(std::move(stored.attributes), changes, pointer);
  return save(transaction, app_id, user_id, stored, pointer);
}

}  // namespace callboard::audience
