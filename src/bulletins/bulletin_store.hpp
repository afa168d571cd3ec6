#pragma once

// Bulletins at rest. Free functions inside the caller's transaction; every write bumps the revision
// of the application's board and announces it, so that memory follows on every node.

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

// A bulletin as written, and the board that has it.
struct Written {
  Bulletin bulletin;
  std::int64_t board_revision = 0;
};

// Throws Error{unprocessable} when the board is full.
Written create(db::Transaction& transaction, std::string_view app_id, const Draft& draft,
               Timestamp now);
// Throws Error{not_found}; Error{conflict} when the expected revision is not the current one.
Written update(db::Transaction& transaction, std::string_view app_id, const Update& update,
               Timestamp now);
// The board's new revision. Throws Error{not_found}.
std::int64_t erase(db::Transaction& transaction, std::string_view app_id, std::int64_t id);

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
