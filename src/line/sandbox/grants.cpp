#include "line/sandbox/grants.hpp"

#include "base/random.hpp"
#include "line/sandbox/options.hpp"

namespace callboard::line::sandbox {

std::string Grants::issue_code(Consent consent) {
  const std::lock_guard lock(mutex_);
  std::string code = random_token();
  codes_.put(code, std::move(consent), clock_.now() + code_life, max_kept_tokens);
  return code;
}

std::optional<Consent> Grants::take_code(std::string_view code) {
  const std::lock_guard lock(mutex_);
  return codes_.take(code, clock_.now());
}

GrantedTokens Grants::issue_tokens(std::string_view user_id, std::string_view scope) {
  const std::lock_guard lock(mutex_);
  GrantedTokens tokens{random_token(), random_token()};
  const Timestamp now = clock_.now();
  Permit access{std::string(user_id), std::string(scope), now + access_token_life};
  access_tokens_.put(tokens.access_token, access, access.expires, max_kept_tokens);
  access.expires = now + refresh_token_life;
  refresh_tokens_.put(tokens.refresh_token, access, access.expires, max_kept_tokens);
  return tokens;
}

std::optional<Permit> Grants::access(std::string_view access_token) const {
  const std::lock_guard lock(mutex_);
  return access_tokens_.find(access_token, clock_.now());
}

void Grants::revoke(std::string_view access_token) {
  const std::lock_guard lock(mutex_);
  access_tokens_.take(access_token, clock_.now());
}

std::optional<Permit> Grants::refreshable(std::string_view refresh_token) const {
  const std::lock_guard lock(mutex_);
  return refresh_tokens_.find(refresh_token, clock_.now());
}

std::string Grants::issue_stateless() {
  const std::lock_guard lock(mutex_);
  std::string token = random_token();
  stateless_.put(token, true, clock_.now() + stateless_token_life, max_kept_tokens);
  return token;
}

bool Grants::is_stateless(std::string_view token) const {
  const std::lock_guard lock(mutex_);
  return stateless_.find(token, clock_.now()).has_value();
}

}  // namespace callboard::line::sandbox
