#pragma once

// How other threads get an I/O thread to look at something. Shared by whoever delivers, who may
// outlive the thread.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace callboard::http {

class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual void arrive() = 0;  // on the I/O thread
};

class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(boost::asio::io_context& context) : context_(&context) {}
  // Any thread. Dropped once closed.
  void deliver(std::shared_ptr<Delivery> delivery);
  // Before the context goes; while nothing runs it.
  void close();

 private:
  void collect();
  std::vector<std::shared_ptr<Delivery>> take_all();

  std::mutex mutex_;
  boost::asio::io_context* context_;  // null: closed
  std::vector<std::shared_ptr<Delivery>> waiting_;
};

}  // namespace callboard::http
