#pragma once

// Every application that is in use, in memory, and which ids name none. Follows the changes of kind
// "app". Owned by app/; any thread; `database`, `clock` and `metrics` outlive it.

#include <memory>
#include <optional>
#include <string_view>

#include "audience/application.hpp"
#include "base/metrics.hpp"
#include "cache/cache.hpp"
#include "db/database.hpp"

namespace callboard::audience {

class Applications {
 public:
  Applications(db::Database& database, const Clock& clock, Metrics& metrics);

  // On the I/O thread. Nothing: not in memory, get() would know. A null inside: there is no such
  // application.
  std::optional<std::shared_ptr<const Application>> from_memory(std::string_view app_id) const;
  // Blocks where it is not in memory. Null: there is no such application.
  std::shared_ptr<const Application> get(std::string_view app_id) const;
  // The same, throwing Error{not_found}.
  std::shared_ptr<const Application> require(std::string_view app_id) const;

 private:
  using Entry = std::optional<Application>;
  // Shared with the subscription to the database, which may outlive this.
  std::shared_ptr<cache::Cache<Entry>> cache_;
  db::Database& database_;
};

}  // namespace callboard::audience
