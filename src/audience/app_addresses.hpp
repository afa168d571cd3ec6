#pragma once

// Where applications are called, of all applications, in memory: under which host, and from which
// origins' pages. Follows the changes of kind "app". Until what changed has been loaded, the
// answers are those before.
//
// Owned by app/; any thread; only load() blocks. `database` outlives it.

#include <memory>
#include <string>
#include <string_view>

#include "db/database.hpp"

namespace callboard::audience {

class AppAddresses {
 public:
  // `default_app`: which application a host stands for that is none's own. Empty: where there is
  // one application only, that one.
  explicit AppAddresses(db::Database& database, std::string default_app = "");

  // False: something may have changed, call load().
  bool is_current() const;
  void load();

  // Compared byte by byte.
  bool allows(std::string_view app_id, std::string_view origin) const;
  // For a preflight, which names no application: whether any that is called under that host does.
  bool any_allows(std::string_view host, std::string_view origin) const;
  // The id of the application that is called under that host, as a Host header names it; of two
  // the one whose id comes first. Null: none is.
  std::shared_ptr<const std::string> app_at(std::string_view host) const;

 private:
  struct Memory;

  db::Database& database_;
  const std::string default_app_;
  std::shared_ptr<Memory> memory_;  // shared with the subscription, which may outlive this
};

}  // namespace callboard::audience
