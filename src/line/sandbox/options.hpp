#pragma once

// How a sandbox is set up: the channel that it plays, its bounds and its faults. Plain values.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/server.hpp"
#include "line/sandbox/faults.hpp"

namespace callboard::line::sandbox {

struct Person {
  std::string user_id;  // "U" and 32 hexadecimal digits
  std::string name;
  std::string picture_url = {};
  bool is_friend = false;    // of the official account
  bool has_blocked = false;  // it; still a friend to LINE's mind
};

struct Options {
  std::string channel_id = "1234567890";
  std::string channel_secret = "sandbox-channel-secret";
  std::string messaging_channel_secret = "sandbox-messaging-secret";
  std::string access_token = "sandbox-access-token";  // long-lived; stateless ones are sold too
  std::string webhook_url = {};                       // empty: none are sent
  std::optional<std::int64_t> monthly_limit = {};     // of recipients; nothing: none
  bool signs_with_es256 = false;                      // ID tokens; else HS256
  std::uint64_t seed = 1;                             // of the faults that come by rate
  std::vector<Fault> faults = {};
  std::vector<Person> people = {};  // whom the login page offers; empty: two of its own
  http::ServerOptions server = {};
};

// Those of LINE, and the sandbox's own.
inline constexpr std::chrono::minutes code_life{10};
inline constexpr std::chrono::hours access_token_life{24 * 30};
inline constexpr std::chrono::hours refresh_token_life{24 * 90};
inline constexpr std::chrono::hours id_token_life{1};
inline constexpr std::chrono::seconds stateless_token_life{900};
inline constexpr std::chrono::hours retry_key_life{24};
inline constexpr std::size_t pushes_a_second = 2000;
inline constexpr std::size_t multicasts_a_second = 200;
// What is kept in memory; the oldest goes first.
inline constexpr std::size_t max_ledger_rows = 1'000'000;
inline constexpr std::size_t max_shown_bytes = std::size_t{64} << 20;  // of one answer
inline constexpr std::size_t max_retry_keys = 200'000;
inline constexpr std::size_t max_kept_tokens = 10'000;
inline constexpr std::size_t max_people = 10'000;
inline constexpr std::size_t max_kept_webhooks = 1000;
inline constexpr std::size_t max_violations = 1000;
inline constexpr std::size_t max_attempts = 100'000;

}  // namespace callboard::line::sandbox
