#include "identity/sign_in.hpp"

#include <string>

#include "base/error.hpp"
#include "identity/address_key.hpp"

namespace callboard::identity {
void SignIn::take(std::string_view key, const Rate& rate) {
  if (!rate.is_limit()) return;
  const auto wait = attempts_.take(key, rate, clock_.monotonic());
  if (wait > wait.zero()) throw too_many_requests(wait);
}

void SignIn::throttle_address(std::string_view address) {
  take(key_of_address(address), limits_.address);
}

void SignIn::throttle_account(std::string_view email) {
  take("account " + std::string(email), limits_.account);
}

Member SignIn::verify(std::string_view email, std::string_view password) {
  throttle_account(email);
  auto member = database_.get(
      [&](db::Transaction& transaction) { return member_by_email(transaction, email); });
  // Also where there is no such member, for the time it takes.
  if (!hasher_.verify(password, member ? member->password_hash : "")) {
    throw Error(ErrorCode::unauthenticated, "e-mail address or password is wrong");
  }
  return std::move(*member);
}

}  // namespace callboard::identity
