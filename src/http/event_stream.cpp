#include "http/event_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.hpp"

namespace callboard::http {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (value.find_first_of("\r\n") != value.npos || value.find('\0') != value.npos) {
    throw Error(ErrorCode::internal, "internal error")
        .with_private("an event's field would break its line: " + std::string(name));
  }
  out.append(name).append(": ").append(value).append("\n");
}

// Each line of its own; CR, LF and CRLF all end one.
void append_data(std::string& out, std::string_view data) {
  while (true) {
    const std::size_t end = std::min(data.find_first_of("\r\n"), data.size());
    out.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == data.size()) return;
    data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

}  // namespace

bool EventStream::send(std::string_view event, std::string_view data, std::string_view id) {
  std::string text;
  append_field(text, "event", event);
  if (!id.empty()) append_field(text, "id", id);
  append_data(text, data);
  text += '\n';
  return append(text);
}

bool EventStream::send_retry(std::chrono::milliseconds wait) {
  return append(fmt::format("retry: {}\n\n", wait.count()));
}

bool EventStream::append(std::string_view text) {
  std::unique_lock lock(mutex_);
  if (state_ != State::open) return false;
  if (unsent_.size() + text.size() > max_unsent_bytes) {
    unsent_ = {};
    state_ = State::overflowed;
    told_ = false;
    tell(std::move(lock));
    return false;
  }
  unsent_ += text;
  tell(std::move(lock));
  return true;
}

void EventStream::close() {
  std::unique_lock lock(mutex_);
  if (state_ == State::open) state_ = State::closed;
  tell(std::move(lock));
}

bool EventStream::is_open() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::open;
}

bool EventStream::overflowed() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::overflowed;
}

void EventStream::attach(std::shared_ptr<Listener> listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

bool EventStream::take(std::string& out) {
  const std::lock_guard lock(mutex_);
  out += std::exchange(unsent_, {});
  told_ = false;
  return state_ == State::open;
}

void EventStream::tell(std::unique_lock<std::mutex> lock) {
  if (!listener_ || std::exchange(told_, true)) return;
  const auto listener = listener_;
  lock.unlock();
  listener->stream_has_news();
}

}  // namespace callboard::http
