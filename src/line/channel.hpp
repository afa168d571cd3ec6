#pragma once

// One application's channels at LINE: the LINE Login channel that signs its people in and the
// Messaging API channel that sends to them. The addresses are settings so that the sandbox can
// stand in for LINE. A value; whoever holds it holds secrets.

#include <string>

namespace callboard::line {

struct Channel {
  std::string channel_id;                     // of LINE Login
  std::string channel_secret;                 // of LINE Login
  std::string messaging_channel_secret = {};  // signs webhooks, and buys stateless tokens
  std::string channel_access_token = {};      // long-lived; empty: stateless ones

  std::string api_base_url = "https://api.line.me";
  std::string access_base_url = "https://access.line.me";
  std::string issuer = "https://access.line.me";  // `iss` of ID tokens
  // Buys stateless tokens, with its secret. Empty: the same as channel_id, as in the sandbox.
  std::string messaging_channel_id = {};

  bool operator==(const Channel&) const = default;
};

}  // namespace callboard::line
