#pragma once

// Who has a stream open, and who is to be told when that the board may have changed for them. Any
// thread; no I/O and no waiting. Streams refer to it and unregister themselves when they go, so it
// is owned by a shared pointer.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "http/event_stream.hpp"

namespace callboard::bulletins {

struct StreamLimits {
  std::size_t total = 15'000;  // leaves connections for those who read
  std::size_t per_app = 10'000;
  std::size_t per_address = 1'000;  // loopback is not counted
  std::size_t per_user = 10;
};

// More streams than this are not told all at once, since each of them reads the board then: they
// are told in rounds, over a time that grows with their number up to the bound.
inline constexpr std::size_t streams_told_at_once = 200;
inline constexpr std::chrono::milliseconds announcement_round{25};
inline constexpr std::chrono::milliseconds max_announcement_spread{1'500};

// The event `board` with the board's revision, which is its id too.
void send_board(http::EventStream& stream, std::int64_t revision);

class StreamRegistry : public std::enable_shared_from_this<StreamRegistry> {
 public:
  struct Subscriber {
    std::string app_id, user_id;
    std::string session;  // ends with it
    std::string address;
  };
  // The revision and the next window edge of an application's board.
  struct BoardState {
    std::int64_t revision;
    Timestamp next_edge;
  };
  // Called under the registry's lock. Nothing: there is no board.
  using Look = std::function<std::optional<BoardState>(std::string_view app_id)>;

  explicit StreamRegistry(StreamLimits limits) : limits_(limits) {}

  // Throws Error{too_many} beyond the bounds of the user and the address, Error{unavailable} beyond
  // those of the application and of all.
  std::shared_ptr<http::EventStream> open(Subscriber subscriber, MonotonicTime ends);

  void board_changed(std::string_view app_id, MonotonicTime now);
  void user_changed(std::string_view app_id, std::string_view user_id, MonotonicTime now);
  void end_session(std::string_view app_id, std::string_view session);
  // Their clients come again, and are judged anew.
  void end_app(std::string_view app_id, MonotonicTime now);
  void end_all(MonotonicTime now);

  // Tells those whose time has come, and those for whom a window opened or closed. Returns when to
  // call again: what comes sooner is known to whoever called one of the above. Nothing: no need to.
  std::optional<std::chrono::milliseconds> tell_due(MonotonicTime now, Timestamp wall,
                                                    const Look& look);
  std::size_t size() const;

 private:
  class Stream;
  struct App {
    std::unordered_multimap<std::string_view, Stream*> by_user;  // keys belong to the streams
    std::optional<Timestamp> next_edge;                          // nothing: look
  };
  using Apps = std::map<std::string, App, std::less<>>;

  void require_room(const Subscriber& subscriber) const;
  void add(Stream& stream);
  void remove(Stream& stream);
  void make_due(Stream& stream, MonotonicTime when);
  void make_due(App& app, MonotonicTime now);
  void end(App& app, MonotonicTime now);
  void tell(Stream& stream, const Look& look);
  std::chrono::milliseconds next_edge_in(Timestamp wall, const Look& look, MonotonicTime now);

  const StreamLimits limits_;
  mutable std::mutex mutex_;  // guards what follows, and each stream's place in it
  std::size_t open_ = 0;
  Apps apps_;
  std::map<std::string, std::size_t, std::less<>> by_address_;
  std::set<std::pair<MonotonicTime, Stream*>> due_;
  std::minstd_rand random_{std::random_device{}()};  // spreads load, guards no secret
};

}  // namespace callboard::bulletins
