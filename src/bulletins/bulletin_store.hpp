#pragma once

// Bulletins at rest. Free functions inside the caller's transaction.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bulletins/bulletin.hpp"
#include "db/database.hpp"

namespace callboard::bulletins {

inline constexpr std::int64_t max_page_size = 100;
inline constexpr std::int64_t max_page = 100'000;
inline constexpr std::int64_t max_bulletins_per_app = 100'000;

// The kind of change that board writes announce.
inline constexpr std::string_view board_change = "board";

// The steps of a BoardChange, which is what everybody else uses.
// Takes the board's next revision and announces it; the row lock that it takes makes writers of one
// board take turns.
std::int64_t next_board_revision(db::Transaction& transaction, std::string_view app_id);
// Throws Error{unprocessable} when the board is full.
std::int64_t next_bulletin_id(db::Transaction& transaction, std::string_view app_id);
void insert(db::Transaction& transaction, std::string_view app_id, const Bulletin& bulletin);
void replace(db::Transaction& transaction, std::string_view app_id, const Bulletin& bulletin);
void remove(db::Transaction& transaction, std::string_view app_id, std::int64_t id);

std::optional<Bulletin> find(db::Transaction& transaction, std::string_view app_id,
                             std::int64_t id);

enum class State { live, scheduled, expired, disabled };

// One page of the console's table.
struct ListQuery {
  std::int64_t page = 1;
  std::int64_t size = 10;
  std::string text = {};  // in the name or the category, without case; empty: all
  std::optional<std::string> category = {};
  std::optional<State> state = {};
  std::string order = "updated_at";  // one of sortable_members()
  bool descending = true;
};
struct Page {
  std::int64_t total = 0;
  std::vector<Bulletin> bulletins;
};
const std::vector<std::string>& sortable_members();
Page list(db::Transaction& transaction, std::string_view app_id, const ListQuery& query,
          Timestamp now);

// At most `limit` of the ids above `after`, by id.
std::vector<Bulletin> list_by_id(db::Transaction& transaction, std::string_view app_id,
                                 std::int64_t after, std::int64_t limit);

// The revision of an application's board; 0 where it never had a bulletin.
std::int64_t board_revision(db::Transaction& transaction, std::string_view app_id);

// Every enabled bulletin, in the order of an answer: priority, last update, id, all descending.
// The condition comes as its text, unread.
struct StoredRow {
  Bulletin bulletin;  // without its condition
  std::string condition;
};
std::vector<StoredRow> load_enabled(db::Transaction& transaction, std::string_view app_id);

}  // namespace callboard::bulletins
