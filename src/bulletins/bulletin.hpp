#pragma once

// A bulletin: its values, its rules, and its JSON at the interface (the seed's names). Pure values
// without I/O; any thread. Windows are in whole Unix seconds, UTC; 0 stands for "no bound".

#include <boost/json/fwd.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace callboard::bulletins {

inline constexpr std::size_t max_name_characters = 255;
inline constexpr std::size_t max_category_characters = 255;
inline constexpr std::size_t max_body_bytes = 64 * 1024;
inline constexpr std::int64_t max_unix_s = 253'402'300'799;  // 9999-12-31T23:59:59Z
inline constexpr std::int64_t max_priority = 2'147'483'647;  // and its negative
inline constexpr std::int64_t max_bulletin_id = std::int64_t{1} << 53;

// What an operator decides.
struct Draft {
  std::string name;
  std::string category;
  std::string body;
  std::int64_t start_unix_s = 0;
  std::int64_t end_unix_s = 0;  // exclusive
  bool enabled = true;
  boost::json::value condition;  // as written; checked
  std::int64_t priority = 0;     // higher first
};

struct Bulletin : Draft {
  std::int64_t id = 0;
  std::int64_t revision = 1;  // grows with each update
  Timestamp created_at;
  Timestamp updated_at;
};

// A body that asks for a change of a bulletin that exists.
struct Update {
  std::int64_t id = 0;
  std::optional<std::int64_t> expected_revision;
  Draft draft;  // its enabled and priority count only where given:
  std::optional<bool> enabled;
  std::optional<std::int64_t> priority;
};

// Says whether a condition may use that variable name.
using IsDeclared = std::function<bool(std::string_view)>;

// Read a body strictly: unknown members, wrong types and broken rules throw Error{invalid} with the
// JSON pointer of every culprit. `path_id`: the id in the path, which the body need not repeat.
Draft draft_from_json(const boost::json::value& body, const IsDeclared& is_declared);
Update update_from_json(const boost::json::value& body, std::optional<std::int64_t> path_id,
                        const IsDeclared& is_declared);
// {"id": 1}, the body of a deletion.
std::int64_t id_from_json(const boost::json::value& body);

boost::json::object to_json(const Bulletin& bulletin);
// What to_json() wrote. Throws Error{invalid} for anything else.
Bulletin bulletin_from_json(const boost::json::value& value);

// RFC 3339 with an offset; nothing if it is none.
std::optional<Timestamp> timestamp_from_text(std::string_view text);

// [start, end), compared at the whole second.
inline bool window_holds(std::int64_t start_unix_s, std::int64_t end_unix_s, std::int64_t now_s) {
  return (start_unix_s == 0 || start_unix_s <= now_s) && (end_unix_s == 0 || now_s < end_unix_s);
}

}  // namespace callboard::bulletins
