#pragma once

// Stateless channel access tokens, one a channel, shared by all threads: bought by the first who
// needs one while the others wait, and again shortly before it expires. Owned by Client; any
// thread; take() may block for one call to LINE.

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "line/messaging.hpp"

namespace callboard::line {

class SharedTokens {
 public:
  static constexpr std::size_t max_channels = 1000;      // more: the one that expires first goes
  static constexpr std::chrono::seconds spare_life{60};  // a token with less left is not used

  using Buy = std::function<Called<StatelessToken>(const Channel&)>;
  SharedTokens(Buy buy, const Clock& clock) : buy_(std::move(buy)), clock_(clock) {}

  Called<std::string> take(const Channel& channel);
  // LINE did not want that one any more.
  void forget(const Channel& channel, std::string_view access_token);

 private:
  struct Entry {
    bool is_being_bought = false;
    std::string access_token;
    MonotonicTime expires = MonotonicTime::min();
    Called<std::string> last = std::string();  // of the purchase that others waited for
    std::uint64_t purchases = 0;
  };

  void make_room();
  Called<StatelessToken> bought(const Channel& channel) const;

  const Buy buy_;
  const Clock& clock_;
  std::mutex mutex_;  // guards entries_
  std::condition_variable bought_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace callboard::line
