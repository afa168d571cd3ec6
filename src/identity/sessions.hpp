#pragma once

// Sessions of an app's users: opening one, and carrying it on with its refresh token. Refresh
// tokens are opaque, kept as SHA-256, valid for 30 days, and each is used once: whoever uses one
// again has a copy, so the whole family (this session through all its refreshes) is revoked.
//
// Owned by app/; any thread. The steps run in the caller's transaction.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "identity/session_token.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

inline constexpr std::chrono::days refresh_life{30};

// A device's counts with the signature of an app's client, for a day; a person's counts by itself,
// as a bearer's, for an hour.
enum class SessionKind { device, person };
inline constexpr std::chrono::hours access_life{1};

// A person's refresh token names its application; whether it is one is for refresh() to say.
std::optional<std::string_view> app_of_refresh_token(std::string_view token);

struct OpenedSession {
  std::string user_id;
  std::string session_token;
  std::string refresh_token;
  std::chrono::seconds expires_in = session_life;
};

// For who ends sessions of a user: from here to the end of the transaction no refresh adds a token
// that would outlive them.
void lock_sessions(db::Transaction& transaction, std::string_view app_id, std::string_view user_id);

class Sessions {
 public:
  Sessions(const Trust& trust, const Clock& clock) : trust_(trust), clock_(clock) {}

  // `keys` are the application's; throws Error{internal} where they hold none for sessions.
  OpenedSession open(db::Transaction& transaction, const AppKeys& keys, std::string_view app_id,
                     std::string_view user_id, SessionKind kind = SessionKind::device) const;
  // Nothing: the token is unknown, of the other kind, has expired, or was used before, in which
  // case its family has been revoked; commit the transaction nevertheless.
  std::optional<OpenedSession> refresh(db::Transaction& transaction, const AppKeys& keys,
                                       std::string_view app_id, std::string_view refresh_token,
                                       SessionKind kind = SessionKind::device) const;

  // Ends one session for good: the one of a family, or of a refresh token, whichever is given.
  struct Which {
    std::string family = {};
    std::string refresh_token = {};
  };
  void end(db::Transaction& transaction, std::string_view app_id, const Which& which) const;

 private:
  OpenedSession continue_family(db::Transaction& transaction, const AppKeys& keys,
                                std::string_view app_id, std::string_view user_id,
                                std::string_view family, SessionKind kind) const;
  void end_family(db::Transaction& transaction, std::string_view app_id,
                  std::string_view family) const;
  void revoke_reused(db::Transaction& transaction, std::string_view app_id,
                     std::string_view hash) const;

  const Trust& trust_;
  const Clock& clock_;
};

}  // namespace callboard::identity
