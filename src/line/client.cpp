#include "line/client.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "line/shared_token.hpp"

namespace callboard::line {
namespace {

struct KnownCerts {
  std::shared_ptr<const Certs> certs = std::make_shared<const Certs>();
  MonotonicTime fetched{};  // or tried
};

}  // namespace

class Client::Impl {
 public:
  Impl(const http::OutgoingClient& outgoing, const Clock& clock)
      : outgoing_(outgoing),
        clock_(clock),
        tokens_(
            [this](const Channel& channel) {
              return read_stateless_token(outgoing_.send(stateless_token_request(channel)));
            },
            clock) {}

  http::OutgoingReply send(const http::OutgoingRequest& request) const {
    return outgoing_.send(request);
  }
  Timestamp now() const { return clock_.now(); }

  Called<std::string> access_token(const Channel& channel) {
    if (!channel.channel_access_token.empty()) return channel.channel_access_token;
    return tokens_.take(channel);
  }

  // The channel's token is put into the request that `make` makes, and the reply read by `read`.
  template <class Make, class Read>
  auto as_channel(const Channel& channel, Make make, Read read) -> decltype(read({})) {
    const auto token = access_token(channel);
    if (!token) return tl::unexpected(token.error());
    const http::OutgoingReply reply = send(make(*token));
    forget_if_refused(channel, *token, reply);
    return read(reply);
  }

  template <class Make>
  SendOutcome send_as_channel(const Channel& channel, Make make) {
    const auto token = access_token(channel);
    if (!token) return without_token(token.error());
    const http::OutgoingReply reply = send(make(*token));
    forget_if_refused(channel, *token, reply);
    return send_outcome_of(reply);
  }

  // `unknown`: a token named a key that is not among them.
  std::shared_ptr<const Certs> certs(const Channel& channel, bool unknown) {
    const std::string key = channel.issuer + "\n" + channel.api_base_url;
    const auto pause = unknown ? std::chrono::seconds(certs_pause) : certs_life;
    if (auto known = fresh_certs(key, pause)) return known;
    // Those who come while they are being fetched wait for them.
    const std::lock_guard fetching(fetching_);
    if (auto known = fresh_certs(key, pause)) return known;
    auto fetched = read_certs(send(certs_request(channel)));
    const std::lock_guard lock(mutex_);
    KnownCerts& known = place_of(key);
    known.fetched = clock_.monotonic();
    if (fetched) known.certs = std::make_shared<const Certs>(std::move(*fetched));
    return known.certs;
  }

 private:
  void forget_if_refused(const Channel& channel, const std::string& token,
                         const http::OutgoingReply& reply) {
    const auto failure = failure_of(reply);
    if (failure && failure->kind == CallFailure::Kind::unauthorized) tokens_.forget(channel, token);
  }

  // Null where they are to be fetched.
  std::shared_ptr<const Certs> fresh_certs(const std::string& key, std::chrono::seconds pause) {
    const std::lock_guard lock(mutex_);
    const auto known = certs_.find(key);
    const bool is_fresh =
        known != certs_.end() && clock_.monotonic() < known->second.fetched + pause;
    return is_fresh ? known->second.certs : nullptr;
  }

  KnownCerts& place_of(const std::string& key) {
    if (!certs_.contains(key) && certs_.size() == max_issuers) {
      certs_.erase(std::ranges::min_element(
          certs_, {}, [](const auto& entry) { return entry.second.fetched; }));
    }
    return certs_[key];
  }

  const http::OutgoingClient& outgoing_;
  const Clock& clock_;
  SharedTokens tokens_;
  std::mutex fetching_;  // held for one call to LINE; before mutex_
  std::mutex mutex_;     // guards certs_
  std::map<std::string, KnownCerts> certs_;
};

Client::Client(const http::OutgoingClient& outgoing, const Clock& clock)
    : impl_(std::make_unique<Impl>(outgoing, clock)) {}
Client::~Client() = default;

Called<Tokens> Client::exchange_code(const Channel& channel, std::string_view code,
                                     std::string_view redirect_uri,
                                     std::string_view code_verifier) const {
  return read_tokens(impl_->send(token_request(channel, code, redirect_uri, code_verifier)));
}

tl::expected<IdToken, IdTokenFault> Client::verify_id_token(std::string_view token,
                                                            const Channel& channel,
                                                            std::string_view nonce) const {
  static const Certs none;
  auto verified = line::verify_id_token(token, channel, nonce, none, impl_->now());
  for (const bool unknown : {false, true}) {
    if (verified || verified.error() != IdTokenFault::needs_certs) break;
    const auto certs = impl_->certs(channel, unknown);
    verified = line::verify_id_token(token, channel, nonce, *certs, impl_->now());
  }
  return verified;
}

Called<bool> Client::friendship(const Channel& channel, std::string_view access_token) const {
  return read_friendship(impl_->send(friendship_request(channel, access_token)));
}

Called<LoginProfile> Client::login_profile(const Channel& channel,
                                           std::string_view access_token) const {
  return read_login_profile(impl_->send(login_profile_request(channel, access_token)));
}

Called<void> Client::revoke(const Channel& channel, std::string_view access_token) const {
  return read_revoked(impl_->send(revoke_request(channel, access_token)));
}

SendOutcome Client::push(const Channel& channel, const std::string& body,
                         std::string_view retry_key) const {
  return impl_->send_as_channel(channel, [&](std::string_view token) {
    return push_request(channel, token, body, retry_key);
  });
}

SendOutcome Client::multicast(const Channel& channel, const std::string& body,
                              std::string_view retry_key) const {
  return impl_->send_as_channel(channel, [&](std::string_view token) {
    return multicast_request(channel, token, body, retry_key);
  });
}

Called<void> Client::validate(const Channel& channel, SendKind kind,
                              std::string_view messages) const {
  return impl_->as_channel(
      channel,
      [&](std::string_view token) { return validate_request(channel, token, kind, messages); },
      read_validated);
}

Called<Quota> Client::quota(const Channel& channel) const {
  const auto limit = impl_->as_channel(
      channel, [&](std::string_view token) { return quota_request(channel, token); }, read_quota);
  if (!limit) return tl::unexpected(limit.error());
  const auto used = impl_->as_channel(
      channel, [&](std::string_view token) { return consumption_request(channel, token); },
      read_consumption);
  if (!used) return tl::unexpected(used.error());
  return Quota{*limit, *used};
}

Called<Profile> Client::profile(const Channel& channel, std::string_view user_id) const {
  return impl_->as_channel(
      channel, [&](std::string_view token) { return profile_request(channel, token, user_id); },
      read_profile);
}

}  // namespace callboard::line
