#pragma once

// Logins under way at LINE. An attempt is known by its state, which only the browser that began it
// can use, once, within ten minutes. State and browser secret are kept as SHA-256. Each function is
// one step of the caller's transaction.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::identity {

inline constexpr std::chrono::minutes login_attempt_life{10};

struct LoginAttempt {
  std::string app_id;
  std::string nonce;
  std::string code_verifier;
  std::string redirect_uri;
  std::string target;
};

void begin_attempt(db::Transaction& transaction, const LoginAttempt& attempt,
                   std::string_view state, std::string_view browser, Timestamp now);
// Uses it up. Nothing: there is none, it has expired, or another browser began it, which leaves it
// as it is.
std::optional<LoginAttempt> take_attempt(db::Transaction& transaction, std::string_view state,
                                         std::string_view browser, Timestamp now);

}  // namespace callboard::identity
