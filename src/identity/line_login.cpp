#include "identity/line_login.hpp"

#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/random.hpp"
#include "identity/line_account.hpp"
#include "identity/line_channel.hpp"

namespace callboard::identity {
namespace {

// A verifier of 43 characters, the least that RFC 7636 §4.1 allows, holds 256 bits.
constexpr std::size_t entropy_bytes = 32;

Error not_set_up() {
  return {ErrorCode::unprocessable, "this application has no LINE Login channel"};
}

// A refusal is about the code, or about our secret, which is for the log to say.
Error no_tokens(const line::CallFailure& failure) {
  using Kind = line::CallFailure::Kind;
  switch (failure.kind) {
    case Kind::rejected:
    case Kind::unauthorized:
      return Error(ErrorCode::unauthenticated, "LINE does not take this code")
          .with_private(failure.message);
    case Kind::not_found:
      return {ErrorCode::unavailable, "LINE: there are no tokens at api_base_url"};
    default:
      return line::error_of(failure);
  }
}

// The token came from LINE itself, so it is not who logs in that lacks something.
Error no_key() {
  return {ErrorCode::unavailable, "LINE: the key of the ID token can't be had"};
}

}  // namespace

LineLogin::LineLogin(const audience::Applications& applications, const Sessions& sessions,
                     const line::Client& client, audience::SecretBox secrets, const Clock& clock)
    : applications_(applications),
      sessions_(sessions),
      client_(client),
      secrets_(std::move(secrets)),
      clock_(clock) {}

LineLogin::Departure LineLogin::depart(const audience::Application& application,
                                       std::string redirect_uri, std::string target) const {
  const line::Channel channel = line_channel_of(application, secrets_);
  if (channel.channel_id.empty() || channel.channel_secret.empty()) throw not_set_up();
  Departure departure;
  departure.state = random_token(entropy_bytes);
  departure.attempt = {application.app_id, random_token(entropy_bytes), random_token(entropy_bytes),
                       std::move(redirect_uri), std::move(target)};
  const audience::LoginSettings& login = application.settings.login;
  departure.url = line::authorize_url(channel, {.redirect_uri = departure.attempt.redirect_uri,
                                                .state = departure.state,
                                                .nonce = departure.attempt.nonce,
                                                .code_verifier = departure.attempt.code_verifier,
                                                .prompt = login.prompt,
                                                .bot_prompt = login.bot_prompt});
  return departure;
}

line::IdToken LineLogin::arrive(const LoginAttempt& attempt, std::string_view code) const {
  const auto application = applications_.require(attempt.app_id);
  const line::Channel channel = line_channel_of(*application, secrets_);
  const auto tokens =
      client_.exchange_code(channel, code, attempt.redirect_uri, attempt.code_verifier);
  if (!tokens) throw no_tokens(tokens.error());
  auto person = client_.verify_id_token(tokens->id_token, channel, attempt.nonce);
  if (!person) {
    if (person.error() == line::IdTokenFault::needs_certs) throw no_key();
    throw Error(ErrorCode::unauthenticated, "LINE's ID token is not valid")
        .with_private(std::string(line::name_of(person.error())));
  }
  if (!audience::is_user_id(person->user_id)) {
    throw Error(ErrorCode::unauthenticated, "LINE's user id can't be one here");
  }
  if (application->settings.login.require_friend) {
    const auto is_friend = client_.friendship(channel, tokens->access_token);
    if (!is_friend) throw line::error_of(is_friend.error());
    if (!*is_friend) throw Error(ErrorCode::forbidden, "only friends of the account may log in");
  }
  return std::move(*person);
}

OpenedSession LineLogin::welcome(db::Transaction& transaction, const AppKeys& keys,
                                 const std::string& app_id, const line::IdToken& person) const {
  const Timestamp now = clock_.now();
  lock_sessions(transaction, app_id, person.user_id);  // in the order in which erasing them does
  audience::merge_attributes(transaction, app_id, person.user_id, {}, "", now);
  save_profile(transaction, app_id, {person.user_id, person.name, person.picture_url}, now);
  return sessions_.open(transaction, keys, app_id, person.user_id, SessionKind::person);
}

}  // namespace callboard::identity
