#include "bulletins/bulletin_store.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::bulletins {
namespace {

constexpr std::string_view columns =
    "bulletin_id, name, category, body, start_unix_s, end_unix_s, enabled, priority, revision, "
    "created_at_ms, updated_at_ms, condition";

Bulletin read_without_condition(const db::Row& row) {
  Bulletin bulletin;
  bulletin.id = row.integer(0);
  bulletin.name = row.string(1);
  bulletin.category = row.string(2);
  bulletin.body = row.string(3);
  bulletin.start_unix_s = row.integer(4);
  bulletin.end_unix_s = row.integer(5);
  bulletin.enabled = row.integer(6) != 0;
  bulletin.priority = row.integer(7);
  bulletin.revision = row.integer(8);
  bulletin.created_at = timestamp_from_ms(row.integer(9));
  bulletin.updated_at = timestamp_from_ms(row.integer(10));
  return bulletin;
}

Bulletin read_bulletin(const db::Row& row) {
  Bulletin bulletin = read_without_condition(row);
  bulletin.condition = parse_json(row.text(11));
  return bulletin;
}

std::int64_t only_integer(const db::Row& row) {
  return row.integer(0);
}

void refuse_full_board(db::Transaction& transaction, std::string_view app_id) {
  const auto last_id = transaction.first("SELECT last_bulletin_id FROM boards WHERE app_id = $1",
                                         {app_id}, only_integer);
  if (last_id.value_or(0) < max_bulletins_per_app) return;  // there can't be as many
  const auto count =
      transaction.first("SELECT COUNT(*) FROM bulletins WHERE app_id = $1", {app_id}, only_integer);
  if (count.value_or(0) < max_bulletins_per_app) return;
  throw Error(ErrorCode::unprocessable, "the board has its 100000 bulletins; delete some first");
}

// The name of each sortable member and its column.
constexpr std::pair<std::string_view, std::string_view> orders[] = {
    {"updated_at", "updated_at_ms"},
    {"created_at", "created_at_ms"},
    {"bulletin_id", "bulletin_id"},
    {"bulletin_name", "name"},
    {"category", "category"},
    {"priority", "priority"},
    {"valid_date_start", "start_unix_s"},
    {"valid_date_end", "end_unix_s"}};

std::string_view order_column(std::string_view member) {
  const auto* found = std::ranges::find(orders, member, [](const auto& o) { return o.first; });
  if (found == std::end(orders)) throw Error(ErrorCode::internal, "not a sortable member");
  return found->second;
}

// A LIKE pattern that finds `text` anywhere; '\' is the escape. In lower case, as LOWER makes a
// column: of ASCII's letters alone, on both databases.
std::string contains_pattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return pattern + '%';
}

constexpr std::string_view state_filter(std::optional<State> state) {
  if (!state) return "";
  switch (*state) {
    case State::disabled:
      return " AND enabled = 0";
    case State::scheduled:
      return " AND enabled = 1 AND start_unix_s > $4";
    case State::expired:
      return " AND enabled = 1 AND end_unix_s <> 0 AND end_unix_s <= $4";
    case State::live:
      return " AND enabled = 1 AND start_unix_s <= $4 AND (end_unix_s = 0 OR end_unix_s > $4)";
  }
  return "";
}

}  // namespace

std::int64_t next_board_revision(db::Transaction& transaction, std::string_view app_id) {
  const auto revision = transaction.first(
      "INSERT INTO boards (app_id, revision, last_bulletin_id) VALUES ($1, 1, 0) "
      "ON CONFLICT (app_id) DO UPDATE SET revision = boards.revision + 1 RETURNING revision",
      {app_id}, only_integer);
  transaction.announce(app_id, board_change, std::to_string(revision.value_or(0)));
  return revision.value_or(0);
}

std::int64_t next_bulletin_id(db::Transaction& transaction, std::string_view app_id) {
  refuse_full_board(transaction, app_id);
  return transaction
      .first(
          "UPDATE boards SET last_bulletin_id = last_bulletin_id + 1 WHERE app_id = $1 "
          "RETURNING last_bulletin_id",
          {app_id}, only_integer)
      .value_or(0);
}

void insert(db::Transaction& transaction, std::string_view app_id, const Bulletin& bulletin) {
  transaction.execute(
      "INSERT INTO bulletins (app_id, bulletin_id, name, category, body, start_unix_s, end_unix_s, "
      "enabled, condition, priority, revision, created_at_ms, updated_at_ms) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      {app_id, bulletin.id, bulletin.name, bulletin.category, bulletin.body, bulletin.start_unix_s,
       bulletin.end_unix_s, std::int64_t{bulletin.enabled}, to_json_text(bulletin.condition),
       bulletin.priority, bulletin.revision, unix_ms(bulletin.created_at),
       unix_ms(bulletin.updated_at)});
}

void replace(db::Transaction& transaction, std::string_view app_id, const Bulletin& bulletin) {
  transaction.execute(
      "UPDATE bulletins SET name = $3, category = $4, body = $5, start_unix_s = $6, "
      "end_unix_s = $7, enabled = $8, condition = $9, priority = $10, revision = $11, "
      "updated_at_ms = $12 WHERE app_id = $1 AND bulletin_id = $2",
      {app_id, bulletin.id, bulletin.name, bulletin.category, bulletin.body, bulletin.start_unix_s,
       bulletin.end_unix_s, std::int64_t{bulletin.enabled}, to_json_text(bulletin.condition),
       bulletin.priority, bulletin.revision, unix_ms(bulletin.updated_at)});
}

void remove(db::Transaction& transaction, std::string_view app_id, std::int64_t id) {
  transaction.execute("DELETE FROM bulletins WHERE app_id = $1 AND bulletin_id = $2", {app_id, id});
}

std::optional<Bulletin> find(db::Transaction& transaction, std::string_view app_id,
                             std::int64_t id) {
  return transaction.first(
      "SELECT " + std::string(columns) + " FROM bulletins WHERE app_id = $1 AND bulletin_id = $2",
      {app_id, id}, read_bulletin);
}

const std::vector<std::string>& sortable_members() {
  static const std::vector<std::string> members = [] {
    std::vector<std::string> names;
    for (const auto& [member, column] : orders) names.emplace_back(member);
    return names;
  }();
  return members;
}

Page list(db::Transaction& transaction, std::string_view app_id, const ListQuery& query,
          Timestamp now) {
  // Every parameter is always named, so that all variants take the same ones; what is not asked for
  // is left out, because `OR` would hide the indexes.
  std::string where = " FROM bulletins WHERE app_id = $1 AND $4 > 0";
  where += query.category ? " AND category = $2" : " AND $2 = ''";
  where += query.text.empty() ? " AND $3 = '%%'"
                              : " AND (LOWER(name) LIKE $3 ESCAPE '\\' OR "
                                "LOWER(category) LIKE $3 ESCAPE '\\')";
  where += state_filter(query.state);
  const std::string pattern = contains_pattern(query.text);
  const std::string category = query.category.value_or("");
  const std::int64_t now_s = std::max<std::int64_t>(unix_seconds(now), 1);
  Page page;
  page.total =
      transaction.first("SELECT COUNT(*)" + where, {app_id, category, pattern, now_s}, only_integer)
          .value_or(0);
  const std::string direction = query.descending ? " DESC" : " ASC";
  transaction.query("SELECT " + std::string(columns) + where + " ORDER BY " +
                        std::string(order_column(query.order)) + direction + ", bulletin_id" +
                        direction + " LIMIT $5 OFFSET $6",
                    {app_id, category, pattern, now_s, query.size, (query.page - 1) * query.size},
                    [&](const db::Row& row) { page.bulletins.push_back(read_bulletin(row)); });
  return page;
}

std::vector<Bulletin> list_by_id(db::Transaction& transaction, std::string_view app_id,
                                 std::int64_t after, std::int64_t limit) {
  std::vector<Bulletin> bulletins;
  transaction.query("SELECT " + std::string(columns) +
                        " FROM bulletins WHERE app_id = $1 AND bulletin_id > $2 "
                        "ORDER BY bulletin_id LIMIT $3",
                    {app_id, after, limit},
                    [&](const db::Row& row) { bulletins.push_back(read_bulletin(row)); });
  return bulletins;
}

std::int64_t board_revision(db::Transaction& transaction, std::string_view app_id) {
  return transaction.first("SELECT revision FROM boards WHERE app_id = $1", {app_id}, only_integer)
      .value_or(0);
}

std::vector<StoredRow> load_enabled(db::Transaction& transaction, std::string_view app_id) {
  std::vector<StoredRow> rows;
  transaction.query("SELECT " + std::string(columns) +
                        " FROM bulletins WHERE app_id = $1 AND enabled = 1 "
                        "ORDER BY priority DESC, updated_at_ms DESC, bulletin_id DESC",
                    {app_id}, [&](const db::Row& row) {
                      rows.push_back({read_without_condition(row), row.string(11)});
                    });
  return rows;
}

}  // namespace callboard::bulletins
