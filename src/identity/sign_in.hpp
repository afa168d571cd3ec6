#pragma once

// Whether an e-mail address and a password belong together, asked only so often an account and an
// address of the network. An account that does not exist is refused in the same words and the same
// time as a wrong password.
//
// Owned by app/; any thread; blocks for as long as a password's hash takes.

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/token_buckets.hpp"
#include "db/database.hpp"
#include "identity/member.hpp"
#include "identity/password.hpp"

namespace callboard::identity {

struct SignInLimits {
  Rate account{5, std::chrono::minutes{1}};
  Rate address{20, std::chrono::minutes{1}};
};

class SignIn {
 public:
  SignIn(db::Database& database, PasswordHasher& hasher, const Clock& clock,
         SignInLimits limits = {})
      : database_(database), hasher_(hasher), clock_(clock), limits_(limits) {}

  // Counts an attempt. Throws Error{too_many}.
  void throttle_address(std::string_view address);
  void throttle_account(std::string_view email);
  // The member whose password that is. Throws Error{unauthenticated}, Error{too_many} by account,
  // Error{unavailable} as PasswordHasher.
  Member verify(std::string_view email, std::string_view password);

 private:
  void take(std::string_view key, const Rate& rate);

  db::Database& database_;
  PasswordHasher& hasher_;
  const Clock& clock_;
  SignInLimits limits_;
  TokenBuckets attempts_;
};

}  // namespace callboard::identity
