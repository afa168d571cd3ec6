#pragma once

// What goes wrong, as it was ordered: one after the other by a script, or by chance at a rate with
// a seed. A script's step is used up by the first call to its endpoint; the steps that are left
// keep their order. Owned by Sandbox; any thread.

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::line::sandbox {

enum class FaultKind : std::uint8_t {
  none,  // a step of a script on which nothing goes wrong
  slow,
  truncate,             // done, and the answer's body breaks off
  drop,                 // not done; the connection is closed without an answer
  accept_drop,          // done, and then the same
  server_error,         // not done, 500
  accept_server_error,  // done, 500
  time_out,             // not done; no answer, and in the end the connection is closed
  accept_time_out,      // done, and then the same
  rate_limit,           // not done, 429
  monthly_limit,        // not done, 429
  conflict,             // done, but answered as if an earlier attempt had been: 409
  bare_conflict,        // the same, without the header that names that attempt
  refuse_first,         // not done, 400 that names the first recipient
};
std::string_view name_of(FaultKind kind);  // "accept_drop", "500", "429_rate", "409"
std::optional<FaultKind> fault_named(std::string_view name);

struct Fault {
  FaultKind kind = FaultKind::none;
  std::string endpoint = "any";     // "push", "multicast", "token", ...: the table in faults.cpp
  std::optional<double> rate = {};  // 0 to 1; nothing: a step of the script
  std::optional<std::chrono::milliseconds> ordered_delay = {};

  static constexpr std::chrono::milliseconds longest_delay{120'000};
  // Of slow ones, and until the connection of those that time out is closed.
  std::chrono::milliseconds delay() const;
};

// Throws Error{invalid}. KIND[:ENDPOINT[:RATE]], as on the command line.
Fault fault_of_text(std::string_view text);
// Throws Error{invalid}. {"kind":"slow","endpoint":"push","rate":0.5,"delay_ms":100}, an array of
// them under "faults", and a "seed".
struct FaultPlan {
  std::vector<Fault> faults;
  std::optional<std::uint64_t> seed;
};
FaultPlan fault_plan_of(const boost::json::value& body);

class Faults {
 public:
  static constexpr std::size_t max_faults = 10'000;

  Faults(std::vector<Fault> faults, std::uint64_t seed);

  // In place of all there were.
  void replace(FaultPlan plan);
  // What befalls this call. The first step of the script that is for it goes before any rate.
  Fault next(std::string_view endpoint);
  // Those that are still to come, and the rates.
  boost::json::value shown() const;

 private:
  mutable std::mutex mutex_;  // guards the two below
  std::vector<Fault> faults_;
  std::mt19937_64 random_;
};

}  // namespace callboard::line::sandbox
