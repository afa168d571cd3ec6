#pragma once

// Which origins' pages may call which application, of all applications, in memory. Follows the
// changes of kind "app". Until what changed has been loaded, the answers are those before.
//
// Owned by the gate; any thread; only load() blocks. `database` outlives it.

#include <memory>
#include <string_view>

#include "db/database.hpp"

namespace callboard::audience {

class AllowedOrigins {
 public:
  explicit AllowedOrigins(db::Database& database);

  // False: something may have changed, call load().
  bool is_current() const;
  void load();

  // Compared byte by byte.
  bool allows(std::string_view app_id, std::string_view origin) const;
  // For a preflight, which names no application: whether any that is called under that host does.
  bool any_allows(std::string_view host, std::string_view origin) const;

 private:
  struct Memory;

  db::Database& database_;
  std::shared_ptr<Memory> memory_;  // shared with the subscription, which may outlive this
};

}  // namespace callboard::audience
