#include "app/profiler.hpp"

#include <gperftools/profiler.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "app/heap_profile.hpp"
#include "base/error.hpp"

namespace callboard::app {
namespace {

using http::Access;
using http::Method;
using http::Surface;

// A file in memory, for a library that writes to files only.
class MemoryFile {
 public:
  MemoryFile() : file_(::memfd_create("profile", MFD_CLOEXEC)) {
    if (file_ < 0) throw Error(ErrorCode::unavailable, "no memory for a profile");
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }
  std::string content() const {
    std::string text;
    std::array<char, 64 * 1024> block;
    for (ssize_t count = 1; count > 0;) {
      count = ::pread(file_, block.data(), block.size(), static_cast<off_t>(text.size()));
      if (count > 0) text.append(block.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  int file_;
};

std::chrono::seconds duration_in(const http::Request& request) {
  const auto text = request.query_value("seconds");
  if (!text) return Profiler::default_duration;
  std::int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (failure == std::errc{} && end == text->data() + text->size() && seconds >= 1 &&
      seconds <= Profiler::max_duration.count()) {
    return std::chrono::seconds{seconds};
  }
  throw Error(ErrorCode::invalid, "seconds must be a whole number from 1 to " +
                                      std::to_string(Profiler::max_duration.count()));
}

http::Response binary(std::string content) {
  http::Response response;
  response.content_type("application/octet-stream");
  response.header("Cache-Control", "no-store");
  response.body = std::move(content);
  return response;
}

}  // namespace

http::Routes Profiler::table() {
  return {
      {Method::get, "/debug/pprof/profile", Access::host, Surface::console,
       http::deferred([this](const http::Request& request, http::Responder responder) {
         take_profile(request, std::move(responder));
       })},
      {Method::get, "/debug/pprof/heap", Access::host, Surface::console,
       http::blocking([](const http::Request&) { return binary(heap_profile()); })},
  };
}

void Profiler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// On a thread of its own, so that no work thread waits for it.
void Profiler::take_profile(const http::Request& request, http::Responder responder) {
  const std::chrono::seconds duration = duration_in(request);
  const std::lock_guard lock(mutex_);
  if (stopping_) throw Error(ErrorCode::unavailable, "the server is stopping");
  if (is_taking_) throw Error(ErrorCode::conflict, "a profile is being taken; wait for its end");
  if (thread_.joinable()) thread_.join();  // it has nothing left to do
  is_taking_ = true;
  auto promise = std::make_shared<http::Responder>(std::move(responder));
  thread_ = std::thread([this, duration, promise] {
    try {
      promise->send(binary(profile_for(duration)));
    } catch (...) {
      promise->fail(std::current_exception());
    }
  });
}

std::string Profiler::profile_for(std::chrono::seconds duration) {
  const MemoryFile file;
  const bool started = ProfilerStart(file.path().c_str()) != 0;
  std::unique_lock lock(mutex_);
  if (started) wake_.wait_for(lock, duration, [this] { return stopping_; });
  is_taking_ = false;
  if (!started) throw Error(ErrorCode::unavailable, "the profiler could not be started");
  ProfilerStop();
  return file.content();
}

}  // namespace callboard::app
