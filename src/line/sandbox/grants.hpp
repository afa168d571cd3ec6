#pragma once

// What the sandbox's login has given out: codes, access tokens, refresh tokens, and the stateless
// tokens of the channel. Owned by Sandbox; any thread. Random text; where too many are kept the
// oldest goes.

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace callboard::line::sandbox {

// What a person consented to on the login page.
struct Consent {
  std::string user_id;
  std::string redirect_uri = {};
  std::string scope = {};
  std::string nonce = {};
  std::string code_challenge = {};  // empty: none was given
};

struct Permit {
  std::string user_id;
  std::string scope = {};
  Timestamp expires;
};

struct GrantedTokens {
  std::string access_token, refresh_token;
};

// Values by random names, each with its end.
template <class T>
class NamedGrants {
 public:
  void put(std::string name, T value, Timestamp expires, std::size_t limit) {
    order_.push_back(name);
    grants_.insert_or_assign(std::move(name), Entry{std::move(value), expires});
    while (order_.size() > limit) {
      grants_.erase(order_.front());
      order_.pop_front();
    }
  }
  std::optional<T> find(std::string_view name, Timestamp now) const {
    const auto found = grants_.find(name);
    if (found == grants_.end() || found->second.expires <= now) return std::nullopt;
    return found->second.value;
  }
  std::optional<T> take(std::string_view name, Timestamp now) {
    auto value = find(name, now);
    if (const auto found = grants_.find(name); found != grants_.end()) grants_.erase(found);
    return value;
  }

 private:
  struct Entry {
    T value;
    Timestamp expires;
  };
  std::map<std::string, Entry, std::less<>> grants_;
  std::deque<std::string> order_;  // of coming; may name what is gone
};

class Grants {
 public:
  explicit Grants(const Clock& clock) : clock_(clock) {}

  std::string issue_code(Consent consent);
  // A code is gone once it was shown, whatever comes of it.
  std::optional<Consent> take_code(std::string_view code);

  GrantedTokens issue_tokens(std::string_view user_id, std::string_view scope);
  std::optional<Permit> access(std::string_view access_token) const;
  void revoke(std::string_view access_token);
  // LINE leaves a refresh token as it is.
  std::optional<Permit> refreshable(std::string_view refresh_token) const;

  std::string issue_stateless();
  bool is_stateless(std::string_view token) const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards all below
  NamedGrants<Consent> codes_;
  NamedGrants<Permit> access_tokens_, refresh_tokens_;
  NamedGrants<bool> stateless_;
};

}  // namespace callboard::line::sandbox
