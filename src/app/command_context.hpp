#pragma once

// What the operators' commands work with: the database and the keys in it, and how they show what
// they found. Owned by one command, used by one thread; blocks.

#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/settings.hpp"
#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "identity/identity.hpp"

namespace callboard::app {

class CommandContext {
 public:
  explicit CommandContext(const Settings& settings);

  db::Database& database() { return *database_; }
  const identity::KeyStore& keys() const { return keys_; }
  const Clock& clock() const { return clock_; }
  Timestamp now() const { return clock_.now(); }
  // The page of a one-time link, where this server is reached.
  std::string link(const identity::IssuedLink& issued) const;

  // Changes something and records it, in one transaction.
  void write(const std::function<void(db::Transaction&)>& work);

 private:
  SystemClock clock_;
  Metrics metrics_;
  std::unique_ptr<db::Database> database_;
  identity::KeyStore keys_;
  std::string public_url_, local_url_;
};

// Throw Error{not_found}.
audience::Workspace require_workspace(db::Transaction& transaction,
                                      const std::string& workspace_id);
audience::Application require_application(db::Transaction& transaction, const std::string& app_id);
// Throws Error{invalid}.
http::Role require_role(const std::string& name);

// On standard output: as one line of JSON or, an object, as a line for each member, and an array as
// a line for each element.
void show(const boost::json::value& value, bool as_json);

}  // namespace callboard::app
