#pragma once

// Calls to LINE that block until they are answered or their time is up: for the work pool and for
// threads that send. Owned by app/; any thread. Each call has a time-out, a named constant of
// login.hpp or messaging.hpp. Nothing is repeated here; who sends decides by the outcome.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/outgoing.hpp"
#include "line/channel.hpp"
#include "line/id_token.hpp"
#include "line/login.hpp"
#include "line/messaging.hpp"
#include "line/send_outcome.hpp"

namespace callboard::line {

struct Quota {
  std::optional<std::int64_t> limit;  // messages a month; nothing: none
  std::int64_t used = 0;

  // Whether so many more may be sent this month.
  bool has_room_for(std::int64_t messages) const { return !limit || messages <= *limit - used; }
};

class Client {
 public:
  // Certs under a key that is not known are fetched again, but not more often than that.
  static constexpr std::chrono::seconds certs_pause{60};
  static constexpr std::chrono::hours certs_life{24};
  static constexpr std::size_t max_issuers = 100;

  // Both must outlive it. An address that is not public must be among those `outgoing` allows.
  Client(const http::OutgoingClient& outgoing, const Clock& clock);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Called<Tokens> exchange_code(const Channel& channel, std::string_view code,
                               std::string_view redirect_uri, std::string_view code_verifier) const;
  // Checks it as verify_id_token() does, with the certs where it takes them. The failure
  // `needs_certs` says that LINE has no such key, or could not be asked.
  tl::expected<IdToken, IdTokenFault> verify_id_token(std::string_view token,
                                                      const Channel& channel,
                                                      std::string_view nonce) const;
  // What a person's own access token lets us see.
  Called<bool> friendship(const Channel& channel, std::string_view access_token) const;
  Called<LoginProfile> login_profile(const Channel& channel, std::string_view access_token) const;
  Called<void> revoke(const Channel& channel, std::string_view access_token) const;

  // `body`: of push_body() or multicast_body(), sent as it is.
  SendOutcome push(const Channel& channel, const std::string& body,
                   std::string_view retry_key) const;
  SendOutcome multicast(const Channel& channel, const std::string& body,
                        std::string_view retry_key) const;
  Called<void> validate(const Channel& channel, SendKind kind, std::string_view messages) const;
  Called<Quota> quota(const Channel& channel) const;
  Called<Profile> profile(const Channel& channel, std::string_view user_id) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callboard::line
