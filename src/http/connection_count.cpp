#include "http/connection_count.hpp"

namespace callboard::http {

ConnectionCount::Verdict ConnectionCount::admit(const boost::asio::ip::address& address,
                                                bool exempt) {
  const std::lock_guard lock(mutex_);
  if (*open_ >= max_open_) return Verdict::too_many;
  if (!exempt) {
    const auto known = by_address_.find(address);
    if (known != by_address_.end() && known->second >= max_of_address_) {
      return Verdict::too_many_of_address;
    }
    ++by_address_[address];
  }
  ++*open_;
  return Verdict::admitted;
}

void ConnectionCount::release(const boost::asio::ip::address& address, bool exempt) {
  const std::lock_guard lock(mutex_);
  if (!exempt) {
    const auto known = by_address_.find(address);
    if (--known->second == 0) by_address_.erase(known);
  }
  if (--*open_ == 0) closed_.notify_all();
}

bool ConnectionCount::wait_until_none(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return closed_.wait_for(lock, limit, [this] { return *open_ == 0; });
}

}  // namespace callboard::http
