#pragma once

// Admits operators, by API token or by a member's session cookie, to the workspace and application
// that the path names. What is another's does not exist: 404 before anything is said about roles.
// Where the path names no workspace, a member counts with the highest role they have anywhere.
//
// What a cookie vouches for must come from a page of this server's own, unless it only reads.
//
// Owned by the Gate; any thread; blocks. Nothing is kept in memory, so a revocation counts at once.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/own_address.hpp"

namespace callboard::identity {

class OperatorGate {
 public:
  // A token's or session's last use is written down at most so often.
  static constexpr std::chrono::minutes touch_period{1};

  OperatorGate(db::Database& database, const audience::Applications& applications,
               const OwnAddress& own_address, const Clock& clock)
      : database_(database),
        applications_(applications),
        own_address_(own_address),
        clock_(clock) {}

  void admit(const http::Route& route, http::Request& request);

  // For a route whose path names no application: an operator who may edit the one that the API
  // token is for, where that is a single one, else the one that `named` gives or throws.
  using NamedApp = std::function<std::shared_ptr<const std::string>()>;
  void admit_editor(const http::Route& route, http::Request& request, const NamedApp& named);

 private:
  struct Operator;

  Operator by_token(const http::Request& request,
                    const std::optional<std::string>& workspace_id) const;
  Operator by_session(const http::Route& route, const http::Request& request,
                      const std::optional<std::string>& workspace_id) const;
  static void let_pass(std::shared_ptr<Operator> caller, http::Role required,
                       http::Request& request);
  void require_application(const Operator& caller, std::string_view app_id) const;
  void record_use(std::optional<Timestamp> last, std::function<void(db::Transaction&)> touch) const;

  db::Database& database_;
  const audience::Applications& applications_;
  const OwnAddress& own_address_;
  const Clock& clock_;
};

}  // namespace callboard::identity
