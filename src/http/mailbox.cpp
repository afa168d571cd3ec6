#include "http/mailbox.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace callboard::http {

void Mailbox::deliver(std::shared_ptr<Delivery> delivery) {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return;
  waiting_.push_back(std::move(delivery));
  // Whoever comes after the first goes along with it.
  if (waiting_.size() == 1) {
    boost::asio::post(*context_, [self = shared_from_this()] { self->collect(); });
  }
}

void Mailbox::close() {
  {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }
  take_all();
}

void Mailbox::collect() {
  for (const auto& delivery : take_all()) delivery->arrive();
}

// What goes with a delivery must not go under the mutex.
std::vector<std::shared_ptr<Delivery>> Mailbox::take_all() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

}  // namespace callboard::http
