#pragma once

// Admits operators by API token, to the workspace and application that the path names. What is
// another's does not exist: 404 before anything is said about roles.
//
// Owned by the Gate; any thread; blocks. Nothing is kept in memory, so a revocation counts at once.

#include <chrono>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/api_token.hpp"

namespace callboard::identity {

class OperatorGate {
 public:
  // A token's last use is written down at most so often.
  static constexpr std::chrono::minutes touch_period{1};

  OperatorGate(db::Database& database, const audience::Applications& applications,
               const Clock& clock)
      : database_(database), applications_(applications), clock_(clock) {}

  void admit(const http::Route& route, http::Request& request);

 private:
  ApiToken identify(const http::Request& request) const;
  void require_application(const ApiToken& token, std::string_view app_id) const;
  void touch(const ApiToken& token);

  db::Database& database_;
  const audience::Applications& applications_;
  const Clock& clock_;
};

}  // namespace callboard::identity
