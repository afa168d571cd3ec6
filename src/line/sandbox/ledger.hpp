#pragma once

// What LINE took, as the sandbox plays it: who was sent what, which retry keys were used, how much
// of the month's quota is gone, and how often it was called in the last second. Owned by Sandbox;
// any thread. The oldest of everything goes where its bound is reached.

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "line/sandbox/options.hpp"

namespace callboard::line::sandbox {

// A call to push or multicast that was found valid.
struct Sending {
  std::string endpoint;  // "push", "multicast"
  std::vector<std::string> to;
  std::shared_ptr<const std::string> messages;  // JSON
  std::string retry_key;                        // empty: none
  std::string body;                             // as it came
  std::string request_id;
  std::vector<bool> delivered;  // as many as `to`: false where the user has blocked the account
};

enum class Verdict : std::uint8_t { accepted, accepted_before, monthly_limit };
struct Taken {
  Verdict verdict = Verdict::accepted;
  std::string accepted_request_id;  // of the attempt that was accepted, this or an earlier one
};

class Ledger {
 public:
  Ledger(std::optional<std::int64_t> monthly_limit, const Clock& clock);

  // False: one call more in this second than `limit`; such a call does not count.
  bool admits(std::string_view endpoint, std::size_t limit);
  Taken take(Sending sending);

  std::optional<std::int64_t> monthly_limit() const;
  void set_monthly_limit(std::optional<std::int64_t> limit);
  std::int64_t used() const;

  // {"messages":[...]}, the oldest first; of one user where `to` is not empty. `after`: only rows
  // with a higher number. An answer that would be too long ends early, and says "more":true.
  std::string shown(std::string_view to, std::uint64_t after,
                    std::size_t max_bytes = max_shown_bytes) const;
  // The users of rows, the latest first, at most so many.
  std::vector<std::string> recipients(std::size_t count) const;
  // What LINE would put up with, but nobody should do: {"violations":[{"at","what"}]}.
  std::string shown_violations() const;
  void report(std::string what);
  // Rows and violations; what was used of the month, and the retry keys, stay.
  void clear();

 private:
  struct Row {
    std::uint64_t number;
    std::string to;
    std::shared_ptr<const Sending> sending;  // without its recipients and its body
    Timestamp at;
    bool delivered;
  };
  struct UsedKey {
    std::string request_id;
    Timestamp at;
    std::uint64_t body_hash;
  };
  struct Violation {
    Timestamp at;
    std::string what;
  };

  void use_key(const Sending& sending, Timestamp now);
  void append(Sending sending, Timestamp now);
  const UsedKey* used_key(const Sending& sending, Timestamp now);
  void note_violation(std::string what);

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards all below
  std::optional<std::int64_t> monthly_limit_;
  std::deque<Row> rows_;
  std::uint64_t next_number_ = 1;
  std::shared_ptr<const std::string> last_messages_;  // shared by sendings that are the same
  std::int64_t used_ = 0;
  std::unordered_map<std::string, UsedKey> keys_;
  std::deque<std::string> keys_in_order_;
  std::unordered_map<std::string, std::deque<MonotonicTime>> calls_;  // by endpoint
  std::deque<Violation> violations_;
};

}  // namespace callboard::line::sandbox
