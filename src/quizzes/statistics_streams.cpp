#include "quizzes/statistics_streams.hpp"

#include <algorithm>
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
#include "quizzes/quiz_store.hpp"

namespace callboard::quizzes {
namespace {

using QuizKey = std::pair<std::string, std::string>;  // of which application
using Counts = std::map<std::string, std::size_t>;    // of streams; none is 0

// When who has been turned away may try again, and clients after the end of a stream.
constexpr std::chrono::seconds retry_after{30};
constexpr std::chrono::milliseconds reconnect_after{3'000};

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

std::size_t count_of(const Counts& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

void subtract_one(Counts& counts, const std::string& key) {
  const auto found = counts.find(key);
  if (--found->second == 0) counts.erase(found);
}

Error refused(ErrorCode code, const char* what) {
  return Error(code, what).with_retry_after(retry_after);
}

std::string quiz_in_path(const http::Request& request) {
  std::string key = request.parameter(0);
  if (!is_quiz_key(key)) throw Error(ErrorCode::not_found, "there is no such quiz");
  return key;
}

MonotonicTime end_of(const http::Caller& caller, const Clock& clock) {
  if (caller.expires == Timestamp::max()) return MonotonicTime::max();
  return clock.monotonic() + (caller.expires - clock.now());
}

void send(http::EventStream& stream, const QuizStatistics& statistics) {
  if (!statistics.quiz()) return stream.close();
  if (statistics.body().size() <= max_event_bytes) {
    stream.send("statistics", statistics.body());
  } else {
    stream.send("changed", "{\"total\":" + std::to_string(statistics.quiz()->total()) + "}");
  }
}

}  // namespace

// Who has a stream open on which quiz, and which quizzes changed since they were told.
class StatisticsStreams::Registry : public std::enable_shared_from_this<Registry> {
 public:
  class Stream;
  using Find = std::function<std::shared_ptr<const QuizStatistics>(const QuizKey&)>;

  explicit Registry(StatisticsStreamLimits limits) : limits_(limits) {}

  // Null: `find` found nothing. What it finds is sent before anything newer is.
  std::shared_ptr<http::EventStream> open(QuizKey quiz, std::string address, MonotonicTime ends,
                                          const Find& find);
  void remove(Stream& stream);
  void follow(const db::Change& change);

  // Until something changed or, where there is one, the time is over. False: the end.
  bool wait(std::optional<std::chrono::milliseconds> limit);
  void stop();

  std::vector<QuizKey> take_due(MonotonicTime now);
  void tell(const QuizKey& quiz, const QuizStatistics& statistics);
  void tell_later(const QuizKey& quiz);
  std::optional<std::chrono::milliseconds> next_due_in(MonotonicTime now) const;
  std::size_t size() const;

 private:
  struct Topic {
    std::set<Stream*> streams;
    bool changed = false;
    MonotonicTime not_before{};
  };

  void require_room(const Stream& stream) const;

  const StatisticsStreamLimits limits_;
  mutable std::mutex mutex_;  // guards what follows, and each stream's place in it
  std::condition_variable bell_;
  std::map<QuizKey, Topic> topics_;  // those with a stream
  Counts by_app_, by_address_;
  std::size_t open_ = 0;
  bool rung_ = false;
  bool stopping_ = false;
};

class StatisticsStreams::Registry::Stream final : public http::EventStream {
 public:
  Stream(std::shared_ptr<Registry> registry, QuizKey quiz_of, std::string address_of,
         MonotonicTime ends)
      : EventStream(ends),
        quiz(std::move(quiz_of)),
        address(std::move(address_of)),
        registry_(std::move(registry)) {}
  ~Stream() override { registry_->remove(*this); }

  const QuizKey quiz;
  const std::string address;
  bool registered = false;  // under the registry's lock

 private:
  const std::shared_ptr<Registry> registry_;
};

std::shared_ptr<http::EventStream> StatisticsStreams::Registry::open(QuizKey quiz,
                                                                     std::string address,
                                                                     MonotonicTime ends,
                                                                     const Find& find) {
  const auto stream =
      std::make_shared<Stream>(shared_from_this(), std::move(quiz), std::move(address), ends);
  const std::lock_guard lock(mutex_);
  require_room(*stream);
  const auto statistics = find(stream->quiz);
  if (statistics == nullptr) return nullptr;
  if (!statistics->quiz()) throw Error(ErrorCode::not_found, "there is no such quiz");
  stream->registered = true;
  ++open_;
  ++by_app_[stream->quiz.first];
  ++by_address_[stream->address];
  topics_[stream->quiz].streams.insert(stream.get());
  stream->send_retry(reconnect_after);
  send(*stream, *statistics);
  return stream;
}

void StatisticsStreams::Registry::require_room(const Stream& stream) const {
  if (open_ >= limits_.total) throw refused(ErrorCode::unavailable, "too many streams are open");
  if (!is_loopback(stream.address) &&
      count_of(by_address_, stream.address) >= limits_.per_address) {
    throw refused(ErrorCode::too_many, "this address has too many streams open");
  }
  if (count_of(by_app_, stream.quiz.first) >= limits_.per_app) {
    throw refused(ErrorCode::unavailable, "this application has too many streams open");
  }
}

void StatisticsStreams::Registry::remove(Stream& stream) {
  const std::lock_guard lock(mutex_);
  if (!stream.registered) return;
  --open_;
  subtract_one(by_app_, stream.quiz.first);
  subtract_one(by_address_, stream.address);
  const auto topic = topics_.find(stream.quiz);
  topic->second.streams.erase(&stream);
  if (topic->second.streams.empty()) topics_.erase(topic);
}

void StatisticsStreams::Registry::follow(const db::Change& change) {
  if (!change.kind.empty() && change.kind != tally_change) return;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [quiz, topic] : topics_) {
      if (change.kind.empty()) topic.changed = true;
    }
    const auto topic = topics_.find({change.app_id, change.key});
    if (topic != topics_.end()) topic->second.changed = true;
    rung_ = true;
  }
  bell_.notify_one();
}

bool StatisticsStreams::Registry::wait(std::optional<std::chrono::milliseconds> limit) {
  std::unique_lock lock(mutex_);
  const auto woken = [this] { return rung_ || stopping_; };
  if (limit)
    bell_.wait_for(lock, *limit, woken);
  else
    bell_.wait(lock, woken);
  rung_ = false;
  return !stopping_;
}

void StatisticsStreams::Registry::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  bell_.notify_one();
}

std::vector<QuizKey> StatisticsStreams::Registry::take_due(MonotonicTime now) {
  std::vector<QuizKey> due;
  const std::lock_guard lock(mutex_);
  for (auto& [quiz, topic] : topics_) {
    if (!topic.changed || topic.not_before > now) continue;
    topic.changed = false;
    topic.not_before = now + stream_interval;
    due.push_back(quiz);
  }
  return due;
}

void StatisticsStreams::Registry::tell(const QuizKey& quiz, const QuizStatistics& statistics) {
  const std::lock_guard lock(mutex_);
  const auto topic = topics_.find(quiz);
  if (topic == topics_.end()) return;
  for (Stream* stream : topic->second.streams) send(*stream, statistics);
}

void StatisticsStreams::Registry::tell_later(const QuizKey& quiz) {
  {
    const std::lock_guard lock(mutex_);
    const auto topic = topics_.find(quiz);
    if (topic == topics_.end()) return;
    topic->second.changed = true;
    rung_ = true;
  }
  bell_.notify_one();
}

std::optional<std::chrono::milliseconds> StatisticsStreams::Registry::next_due_in(
    MonotonicTime now) const {
  std::optional<std::chrono::milliseconds> soonest;
  const std::lock_guard lock(mutex_);
  for (const auto& [quiz, topic] : topics_) {
    if (!topic.changed) continue;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(topic.not_before - now);
    soonest = std::min(soonest.value_or(stream_interval), std::max(wait, decltype(wait)::zero()));
  }
  return soonest;
}

std::size_t StatisticsStreams::Registry::size() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

StatisticsStreams::StatisticsStreams(db::Database& database, const Statistics& statistics,
                                     const Clock& clock, StatisticsStreamLimits limits)
    : statistics_(statistics), clock_(clock), registry_(std::make_shared<Registry>(limits)) {
  database.on_change(
      [registry = registry_](const db::Change& change) { registry->follow(change); });
}

StatisticsStreams::~StatisticsStreams() {
  registry_->stop();
  if (teller_.joinable()) teller_.join();
}

http::Routes StatisticsStreams::table() {
  http::Handler handler;
  handler.from_memory = [this](const http::Request& request, http::Response& response) {
    return answer(request, nullptr, response);
  };
  handler.work = [this](const http::Request& request, http::Responder responder) {
    http::Response response;
    answer(request, statistics_.load(request.caller.app_id, quiz_in_path(request)), response);
    responder.send(std::move(response));
  };
  return {{http::Method::get, "/quizzes/{quiz}/statistics/stream", http::Access::visitor,
           http::Surface::people, handler}};
}

void StatisticsStreams::start() {
  if (teller_.joinable()) return;
  teller_ = std::thread([this] {
    while (registry_->wait(tell_due())) {
    }
  });
}

std::optional<std::chrono::milliseconds> StatisticsStreams::tell_due() {
  for (const QuizKey& quiz : registry_->take_due(clock_.monotonic())) {
    try {
      registry_->tell(quiz, *statistics_.load(quiz.first, quiz.second));
    } catch (const std::exception& error) {
      log::warning("quiz_streams_not_told",
                   {{"quiz", quiz.second}, {"why", std::string_view(error.what())}});
      registry_->tell_later(quiz);
    }
  }
  return registry_->next_due_in(clock_.monotonic());
}

std::size_t StatisticsStreams::open_streams() const {
  return registry_->size();
}

bool StatisticsStreams::answer(const http::Request& request,
                               const std::shared_ptr<const QuizStatistics>& loaded,
                               http::Response& response) {
  const QuizKey quiz{std::string(request.caller.app_id), quiz_in_path(request)};
  const auto find = [&](const QuizKey& key) {
    return loaded ? loaded : statistics_.from_memory(key.first, key.second);
  };
  if (request.method == http::Method::head) {
    response.stream_events(std::make_shared<http::EventStream>());
    return true;
  }
  auto stream =
      registry_->open(quiz, std::string(request.peer), end_of(request.caller, clock_), find);
  if (stream == nullptr) return false;
  response.stream_events(std::move(stream));
  // What changed between the loading and the opening was told to nobody.
  if (loaded) registry_->tell_later(quiz);
  return true;
}

}  // namespace callboard::quizzes
