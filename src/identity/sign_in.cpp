#include "identity/sign_in.hpp"

#include <arpa/inet.h>

#include <string>

#include "base/error.hpp"

namespace callboard::identity {
namespace {

constexpr std::size_t network_bytes = 8;  // of an IPv6 address: one customer's /64

// What counts as one address: all of IPv4's, the network of IPv6's.
std::string key_of_address(std::string_view address) {
  in6_addr parsed{};
  const bool is_v6 = inet_pton(AF_INET6, std::string(address).c_str(), &parsed) == 1;
  if (!is_v6 || IN6_IS_ADDR_V4MAPPED(&parsed)) return "address " + std::string(address);
  return "network " + std::string(reinterpret_cast<const char*>(parsed.s6_addr), network_bytes);
}

}  // namespace

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
