#pragma once

// LINE Login v2.1 without I/O: the URL to send a browser to, the requests to LINE, and what its
// replies say (https://developers.line.biz/en/reference/line-login/). Pure functions, any thread.
// Codes, verifiers and tokens go into bodies and headers, never into a URL, but for verify's
// access token, which LINE takes no other way.

#include <chrono>
#include <string>
#include <string_view>

#include "http/outgoing.hpp"
#include "line/call_failure.hpp"
#include "line/channel.hpp"

namespace callboard::line {

inline constexpr std::chrono::milliseconds login_timeout{10'000};

struct Authorization {
  std::string redirect_uri;
  std::string state;
  std::string nonce;
  std::string code_verifier = {};  // its S256 challenge is what is sent
  std::string scope = "profile openid";
  std::string prompt = {};      // "consent", "none", "login"; empty: not sent, as with all below
  std::string bot_prompt = {};  // "normal", "aggressive"
  std::string ui_locales = {};
  std::string max_age = {};  // seconds
};
std::string authorize_url(const Channel& channel, const Authorization& authorization);
// Base64url of the verifier's SHA-256 (RFC 7636 §4.2).
std::string code_challenge(std::string_view verifier);

struct Tokens {
  std::string access_token;
  std::string refresh_token;
  std::string id_token;  // empty where a refresh brought none
  std::string scope;
  std::chrono::seconds expires_in{0};
};
http::OutgoingRequest token_request(const Channel& channel, std::string_view code,
                                    std::string_view redirect_uri, std::string_view code_verifier);
http::OutgoingRequest refresh_request(const Channel& channel, std::string_view refresh_token);
Called<Tokens> read_tokens(const http::OutgoingReply& reply);

http::OutgoingRequest certs_request(const Channel& channel);

// Whether who has this access token is a friend of the linked official account.
http::OutgoingRequest friendship_request(const Channel& channel, std::string_view access_token);
Called<bool> read_friendship(const http::OutgoingReply& reply);

struct LoginProfile {
  std::string user_id;
  std::string display_name;
  std::string picture_url;  // empty: none
};
http::OutgoingRequest login_profile_request(const Channel& channel, std::string_view access_token);
Called<LoginProfile> read_login_profile(const http::OutgoingReply& reply);

http::OutgoingRequest userinfo_request(const Channel& channel, std::string_view access_token);
Called<LoginProfile> read_userinfo(const http::OutgoingReply& reply);

struct VerifiedAccess {
  std::string client_id;  // to be compared with the channel's own
  std::string scope;
  std::chrono::seconds expires_in{0};
};
http::OutgoingRequest verify_request(const Channel& channel, std::string_view access_token);
Called<VerifiedAccess> read_verified(const http::OutgoingReply& reply);

http::OutgoingRequest revoke_request(const Channel& channel, std::string_view access_token);
Called<void> read_revoked(const http::OutgoingReply& reply);

}  // namespace callboard::line
