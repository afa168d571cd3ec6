#pragma once

// A person in an app's audience, as one immutable value that many threads read at once. Somebody
// nobody has heard of is a User too, without attributes.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audience/attributes.hpp"
#include "base/clock.hpp"

namespace callboard::audience {

class User {
 public:
  // Somebody unknown.
  explicit User(std::string user_id);
  // `version` counts the writes, from 1. `attributes` were checked.
  User(std::string user_id, std::int64_t version, Timestamp registered_at,
       const boost::json::object& attributes);

  const std::string& user_id() const { return user_id_; }
  bool exists() const { return version_ > 0; }
  std::int64_t version() const { return version_; }
  Timestamp registered_at() const { return registered_at_; }

  const Attributes& attributes() const { return attributes_; }
  // Null: the user has no such attribute.
  const conditions::Value* find(std::string_view name) const {
    return find_attribute(attributes_, name);
  }
  // The attributes as a JSON object, by name.
  const std::string& attributes_json() const { return attributes_json_; }

  // As variables of conditions; registered_at in Unix seconds.
  const conditions::Value& user_id_value() const { return user_id_value_; }
  const conditions::Value& registered_at_value() const { return registered_at_value_; }

  // What it occupies in memory, roughly.
  std::size_t bytes() const;

 private:
  std::string user_id_;
  std::int64_t version_ = 0;
  Timestamp registered_at_;
  Attributes attributes_;
  std::string attributes_json_ = "{}";
  conditions::Value user_id_value_;
  conditions::Value registered_at_value_;
};

}  // namespace callboard::audience
