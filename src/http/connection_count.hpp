#pragma once

// How many connections are open, of the whole server and of each address, and whether one more may
// be. Shared by the I/O threads, which ask once a connection.

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

namespace callboard::http {

class ConnectionCount {
 public:
  enum class Verdict { admitted, too_many, too_many_of_address };

  ConnectionCount(std::size_t max_open, std::size_t max_of_address)
      : max_open_(max_open), max_of_address_(max_of_address) {}

  // `exempt`: this address is not counted on its own. Give release() the same.
  Verdict admit(const boost::asio::ip::address& address, bool exempt);
  void release(const boost::asio::ip::address& address, bool exempt);
  bool is_full() const { return *open_ >= max_open_; }
  // False: some are still open after `limit` of real time.
  bool wait_until_none(std::chrono::milliseconds limit);
  std::shared_ptr<const std::atomic<std::size_t>> open() const { return open_; }

 private:
  const std::size_t max_open_, max_of_address_;
  std::mutex mutex_;
  std::condition_variable closed_;
  // Written under the mutex; shared with the gauge, which may be read after the server has gone.
  std::shared_ptr<std::atomic<std::size_t>> open_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::map<boost::asio::ip::address, std::size_t> by_address_;
};

}  // namespace callboard::http
