#pragma once

// Whom the sandbox knows: those its login page offers, those who signed in, and those who follow or
// block the account. Anybody else exists too, as far as sending goes: a user id is all it takes.
// Owned by Sandbox; any thread.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "line/sandbox/options.hpp"

namespace callboard::line::sandbox {

class People {
 public:
  explicit People(std::vector<Person> people);

  std::optional<Person> find(std::string_view user_id) const;
  // Makes the person known; a name or picture that is not empty replaces the one there was. Throws
  // Error{too_many} where there are max_people.
  Person know(std::string_view user_id, std::string_view name, std::string_view picture_url = {});
  // The person after it, and before. `follow` ends a block.
  struct Change {
    Person before, after;
  };
  Change follow(std::string_view user_id);
  Change block(std::string_view user_id);
  bool has_blocked(std::string_view user_id) const;
  std::vector<Person> all() const;

 private:
  Person& place_of(std::string_view user_id);

  mutable std::mutex mutex_;  // guards people_
  std::map<std::string, Person, std::less<>> people_;
};

}  // namespace callboard::line::sandbox
