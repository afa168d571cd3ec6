#pragma once

// People as the festival's front end sees them: who they are, and since when. Each function is one
// step of the caller's transaction.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::identity {

struct Person {
  std::string user_id;
  std::string name;  // empty: not known, as with the picture
  std::string picture_url;
  Timestamp created_at;
  Timestamp updated_at;
};

std::optional<Person> find_person(db::Transaction& transaction, std::string_view app_id,
                                  std::string_view user_id);
// In the order of user ids.
struct PeoplePage {
  std::int64_t limit;
  std::int64_t offset;
};
void list_people(db::Transaction& transaction, std::string_view app_id, const PeoplePage& page,
                 const std::function<void(const Person&)>& each);

}  // namespace callboard::identity
