#include "reminders/progress_streams.hpp"

#include <boost/json.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "http/event_stream.hpp"
#include "reminders/send_list.hpp"
#include "reminders/send_store.hpp"

namespace callboard::reminders {
namespace {

using Stream = std::shared_ptr<http::EventStream>;

constexpr std::chrono::seconds retry_after{30};

struct Shown {
  std::string text;
  bool is_final = false;
};

// Nothing: there is no such send, or it is of another application.
std::optional<Shown> show(db::Transaction& transaction, std::string_view send_id,
                          std::string_view app_id) {
  const auto send = find_send(transaction, send_id);
  if (!send || send->app_id != app_id) return std::nullopt;
  return Shown{boost::json::serialize(to_json(*send, count_recipients(transaction, send_id))),
               !is_live(send->state)};
}

void tell(http::EventStream& stream, const std::optional<Shown>& shown) {
  if (shown) stream.send("send", shown->text);
  if (!shown || shown->is_final) stream.close();
}

}  // namespace

// Who watches which send, and which sends changed.
class ProgressStreams::Registry {
 public:
  struct Watched {
    std::string app_id;
    std::vector<std::weak_ptr<http::EventStream>> streams;
  };

  void add(const std::string& send_id, const std::string& app_id, const Stream& stream) {
    const std::lock_guard lock(mutex_);
    forget_closed_locked();
    if (open_ >= max_progress_streams) {
      throw Error(ErrorCode::unavailable, "too many streams are open")
          .with_retry_after(retry_after);
    }
    Watched& watched = watched_[send_id];
    watched.app_id = app_id;
    watched.streams.push_back(stream);
    // What happened before it was there is told, too.
    changed_.insert(send_id);
    bell_.notify_one();
  }

  void follow(const db::Change& change) {
    if (change.kind != send_change && !change.kind.empty()) return;
    const std::lock_guard lock(mutex_);
    for (const auto& [send_id, watched] : watched_) {
      if (change.kind.empty() || change.key == send_id) changed_.insert(send_id);
    }
    if (!changed_.empty()) bell_.notify_one();
  }

  // Those that changed, with who watches them.
  std::map<std::string, std::pair<std::string, std::vector<Stream>>> take_changed() {
    const std::lock_guard lock(mutex_);
    forget_closed_locked();
    std::map<std::string, std::pair<std::string, std::vector<Stream>>> taken;
    for (const std::string& send_id : std::exchange(changed_, {})) {
      const auto found = watched_.find(send_id);
      if (found == watched_.end()) continue;
      auto& [app_id, streams] = taken[send_id];
      app_id = found->second.app_id;
      for (const auto& each : found->second.streams) {
        if (Stream stream = each.lock()) streams.push_back(std::move(stream));
      }
    }
    return taken;
  }

  void tell_again(const std::string& send_id) {
    const std::lock_guard lock(mutex_);
    changed_.insert(send_id);
  }

  // False: the end.
  bool wait() {
    std::unique_lock lock(mutex_);
    bell_.wait(lock, [this] { return stopping_ || !changed_.empty(); });
    return !stopping_;
  }
  bool wait_for_interval() {
    std::unique_lock lock(mutex_);
    return !bell_.wait_for(lock, stream_interval, [this] { return stopping_; });
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    bell_.notify_all();
  }

 private:
  void forget_closed_locked() {
    open_ = 0;
    for (auto each = watched_.begin(); each != watched_.end();) {
      auto& streams = each->second.streams;
      std::erase_if(streams, [](const auto& stream) {
        const Stream held = stream.lock();
        return !held || !held->is_open();
      });
      open_ += streams.size();
      each = streams.empty() ? watched_.erase(each) : std::next(each);
    }
  }

  std::mutex mutex_;  // guards what follows
  std::condition_variable bell_;
  std::map<std::string, Watched> watched_;  // by send
  std::set<std::string> changed_;
  std::size_t open_ = 0;
  bool stopping_ = false;
};

ProgressStreams::ProgressStreams(db::Database& database, const Clock& clock)
    : database_(database), clock_(clock), registry_(std::make_shared<Registry>()) {
  database.on_change(
      [registry = registry_](const db::Change& change) { registry->follow(change); });
}

ProgressStreams::~ProgressStreams() {
  registry_->stop();
  if (teller_.joinable()) teller_.join();
}

http::Routes ProgressStreams::table() {
  return {{http::Method::get,
           "/api/workspace/{workspace_id}/application/{app_id}/sends/{send_id}/progress",
           http::Access::viewer, http::Surface::console,
           http::blocking([this](const http::Request& request) { return open(request); })}};
}

http::Response ProgressStreams::open(const http::Request& request) {
  const std::string send_id = request.parameter(2);
  const std::string app_id(request.caller.app_id);
  const auto shown = database_.get(
      [&](db::Transaction& transaction) { return show(transaction, send_id, app_id); });
  if (!shown) throw Error(ErrorCode::not_found, "there is no such send");
  MonotonicTime ends = MonotonicTime::max();
  if (request.caller.expires != Timestamp::max()) {
    ends = clock_.monotonic() + (request.caller.expires - clock_.now());
  }
  const auto stream = std::make_shared<http::EventStream>(ends);
  if (shown->is_final) {
    tell(*stream, shown);
  } else {
    registry_->add(send_id, app_id, stream);
  }
  http::Response response;
  response.stream_events(stream);
  return response;
}

void ProgressStreams::start() {
  if (teller_.joinable()) return;
  teller_ = std::thread([this] {
    while (registry_->wait()) {
      tell_changed();
      if (!registry_->wait_for_interval()) return;
    }
  });
}

void ProgressStreams::tell_changed() {
  for (const auto& [send_id, watched] : registry_->take_changed()) {
    const auto& [app_id, streams] = watched;
    try {
      const auto shown = database_.get(
          [&](db::Transaction& transaction) { return show(transaction, send_id, app_id); });
      for (const Stream& stream : streams) tell(*stream, shown);
    } catch (const Error& error) {
      log::warning("progress_not_told", {{"send", send_id}, {"why", error.message()}});
      registry_->tell_again(send_id);
    }
  }
}

}  // namespace callboard::reminders
