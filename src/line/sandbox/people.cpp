#include "line/sandbox/people.hpp"

#include "base/error.hpp"

namespace callboard::line::sandbox {

People::People(std::vector<Person> people) {
  if (people.empty()) {
    people = {{.user_id = "U0000000000000000000000000000000a", .name = "Ada", .is_friend = true},
              {.user_id = "U0000000000000000000000000000000b", .name = "Ben"}};
  }
  for (Person& person : people) {
    const std::string user_id = person.user_id;
    people_.emplace(user_id, std::move(person));
  }
}

std::optional<Person> People::find(std::string_view user_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = people_.find(user_id);
  return found == people_.end() ? std::nullopt : std::optional(found->second);
}

Person& People::place_of(std::string_view user_id) {
  const auto found = people_.find(user_id);
  if (found != people_.end()) return found->second;
  if (people_.size() >= max_people) {
    throw Error(ErrorCode::too_many, "the sandbox knows too many people");
  }
  Person& added = people_[std::string(user_id)];
  added.user_id = user_id;
  added.name = "User " + std::string(user_id.substr(0, 5));
  return added;
}

Person People::know(std::string_view user_id, std::string_view name, std::string_view picture_url) {
  const std::lock_guard lock(mutex_);
  Person& person = place_of(user_id);
  if (!name.empty()) person.name = name;
  if (!picture_url.empty()) person.picture_url = picture_url;
  return person;
}

People::Change People::follow(std::string_view user_id) {
  const std::lock_guard lock(mutex_);
  Person& person = place_of(user_id);
  const Person before = person;
  person.is_friend = true;
  person.has_blocked = false;
  return {before, person};
}

People::Change People::block(std::string_view user_id) {
  const std::lock_guard lock(mutex_);
  Person& person = place_of(user_id);
  const Person before = person;
  person.has_blocked = true;
  return {before, person};
}

bool People::has_blocked(std::string_view user_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = people_.find(user_id);
  return found != people_.end() && found->second.has_blocked;
}

std::vector<Person> People::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Person> everybody;
  for (const auto& [user_id, person] : people_) everybody.push_back(person);
  return everybody;
}

}  // namespace callboard::line::sandbox
