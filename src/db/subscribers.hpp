#pragma once

// Who is told of changes. Owned by a database's feed, which calls it under its own mutex.

#include <functional>
#include <vector>

#include "db/database.hpp"

namespace callboard::db {

class Subscribers {
 public:
  void add(std::function<void(const Change&)> subscriber);
  // Tells each of them; what one throws is logged, and keeps nothing from the others.
  void tell(const Change& change) const;

 private:
  std::vector<std::function<void(const Change&)>> subscribers_;
};

}  // namespace callboard::db
