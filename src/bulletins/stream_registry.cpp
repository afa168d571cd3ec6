#include "bulletins/stream_registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace callboard::bulletins {
namespace {

using namespace std::chrono_literals;

// When who has been turned away may try again.
constexpr std::chrono::seconds retry_after{30};
// When clients come again after the end of a stream: at some moment between these.
constexpr std::chrono::milliseconds min_retry = 1s, max_retry = 5s;
// No deadline further away than this is reckoned with; the clock on the wall may be set.
constexpr std::chrono::milliseconds max_wait = 1s;

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

std::size_t count_of(const std::map<std::string, std::size_t, std::less<>>& counts,
                     const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

Error refused(ErrorCode code, const char* whose, std::size_t limit) {
  return Error(code, fmt::format("{} already has {} streams open", whose, limit))
      .with_retry_after(retry_after);
}

}  // namespace

void send_board(http::EventStream& stream, std::int64_t revision) {
  const std::string number = std::to_string(revision);
  stream.send("board", "{\"revision\":" + number + "}", number);
}

class StreamRegistry::Stream final : public http::EventStream {
 public:
  Stream(std::shared_ptr<StreamRegistry> registry, Subscriber subscriber_of, MonotonicTime ends)
      : EventStream(ends), subscriber(std::move(subscriber_of)), registry_(std::move(registry)) {}
  ~Stream() override { registry_->remove(*this); }

  const Subscriber subscriber;
  // Under the registry's lock.
  bool registered = false;
  bool ending = false;  // when it is due
  std::optional<MonotonicTime> due;

 private:
  const std::shared_ptr<StreamRegistry> registry_;
};

std::shared_ptr<http::EventStream> StreamRegistry::open(Subscriber subscriber, MonotonicTime ends) {
  const auto stream = std::make_shared<Stream>(shared_from_this(), std::move(subscriber), ends);
  std::uniform_int_distribution<std::int64_t> retry(min_retry.count(), max_retry.count());
  const std::lock_guard lock(mutex_);
  require_room(stream->subscriber);
  add(*stream);
  stream->send_retry(std::chrono::milliseconds{retry(random_)});
  return stream;
}

void StreamRegistry::require_room(const Subscriber& subscriber) const {
  if (open_ >= limits_.total) throw refused(ErrorCode::unavailable, "the server", limits_.total);
  const bool counted = !is_loopback(subscriber.address);
  if (counted && count_of(by_address_, subscriber.address) >= limits_.per_address) {
    throw refused(ErrorCode::too_many, "this address", limits_.per_address);
  }
  const auto app = apps_.find(subscriber.app_id);
  if (app == apps_.end()) return;
  if (app->second.by_user.size() >= limits_.per_app) {
    throw refused(ErrorCode::unavailable, "this application", limits_.per_app);
  }
  if (app->second.by_user.count(subscriber.user_id) >= limits_.per_user) {
    throw refused(ErrorCode::too_many, "this user", limits_.per_user);
  }
}

void StreamRegistry::add(Stream& stream) {
  stream.registered = true;
  ++open_;
  apps_[stream.subscriber.app_id].by_user.emplace(stream.subscriber.user_id, &stream);
  ++by_address_[stream.subscriber.address];
}

void StreamRegistry::remove(Stream& stream) {
  const std::lock_guard lock(mutex_);
  if (!stream.registered) return;
  --open_;
  if (stream.due) due_.erase({*stream.due, &stream});
  const auto app = apps_.find(stream.subscriber.app_id);
  auto& by_user = app->second.by_user;
  const auto [first, last] = by_user.equal_range(stream.subscriber.user_id);
  by_user.erase(
      std::find_if(first, last, [&](const auto& entry) { return entry.second == &stream; }));
  if (by_user.empty()) apps_.erase(app);
  const auto address = by_address_.find(stream.subscriber.address);
  if (--address->second == 0) by_address_.erase(address);
}

void StreamRegistry::make_due(Stream& stream, MonotonicTime when) {
  if (stream.due && *stream.due <= when) return;
  if (stream.due) due_.erase({*stream.due, &stream});
  stream.due = when;
  due_.insert({when, &stream});
}

void StreamRegistry::make_due(App& app, MonotonicTime now) {
  const std::size_t count = app.by_user.size();
  const auto most = static_cast<std::size_t>(max_announcement_spread / announcement_round);
  const std::size_t rounds = std::min(count / streams_told_at_once, most);
  std::uniform_int_distribution<std::size_t> round(0, rounds);
  for (const auto& [user, stream] : app.by_user) {
    make_due(*stream, now + announcement_round * round(random_));
  }
}

void StreamRegistry::end(App& app, MonotonicTime now) {
  for (const auto& [user, stream] : app.by_user) stream->ending = true;
  make_due(app, now);
}

void StreamRegistry::board_changed(std::string_view app_id, MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  const auto app = apps_.find(app_id);
  if (app == apps_.end()) return;
  app->second.next_edge.reset();
  make_due(app->second, now);
}

void StreamRegistry::user_changed(std::string_view app_id, std::string_view user_id,
                                  MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  const auto app = apps_.find(app_id);
  if (app == apps_.end()) return;
  const auto [first, last] = app->second.by_user.equal_range(user_id);
  std::for_each(first, last, [&](const auto& entry) { make_due(*entry.second, now); });
}

void StreamRegistry::end_session(std::string_view app_id, std::string_view session) {
  const std::lock_guard lock(mutex_);
  const auto app = apps_.find(app_id);
  if (app == apps_.end()) return;
  for (const auto& [user, stream] : app->second.by_user) {
    if (stream->subscriber.session == session) stream->close();
  }
}

void StreamRegistry::end_app(std::string_view app_id, MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  const auto app = apps_.find(app_id);
  if (app != apps_.end()) end(app->second, now);
}

void StreamRegistry::end_all(MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  for (auto& [app_id, app] : apps_) end(app, now);
}

std::optional<std::chrono::milliseconds> StreamRegistry::tell_due(MonotonicTime now, Timestamp wall,
                                                                  const Look& look) {
  const std::lock_guard lock(mutex_);
  if (apps_.empty()) return std::nullopt;
  std::chrono::milliseconds wait = next_edge_in(wall, look, now);
  while (!due_.empty() && due_.begin()->first <= now) {
    Stream& stream = *due_.begin()->second;
    due_.erase(due_.begin());
    stream.due.reset();
    tell(stream, look);
  }
  if (due_.empty()) return wait;
  return std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - now));
}

std::chrono::milliseconds StreamRegistry::next_edge_in(Timestamp wall, const Look& look,
                                                       MonotonicTime now) {
  std::chrono::milliseconds wait = max_wait;
  for (auto& [app_id, app] : apps_) {
    if (app.next_edge && *app.next_edge <= wall) {
      app.next_edge.reset();
      make_due(app, now);
    }
    if (!app.next_edge) {
      const auto board = look(app_id);
      app.next_edge = board ? board->next_edge : Timestamp::max();
    }
    if (*app.next_edge - wall < wait) wait = *app.next_edge - wall;
  }
  return wait;
}

void StreamRegistry::tell(Stream& stream, const Look& look) {
  if (stream.ending) return stream.close();
  const auto board = look(stream.subscriber.app_id);
  if (board) send_board(stream, board->revision);
}

std::size_t StreamRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

}  // namespace callboard::bulletins
