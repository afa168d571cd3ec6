#include "bulletins/boards.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"

namespace callboard::bulletins {
namespace {

// How often all revisions are compared, and how soon a failed reload is tried again.
constexpr std::chrono::seconds comparison_interval{1};
// A thread that has looked at more applications than this starts its collection afresh.
constexpr std::size_t max_local_boards = 4096;

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

std::string message_of(std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.private_detail().empty() ? error.message() : error.private_detail();
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

struct Boards::Slot {
  explicit Slot(std::string id) : app_id(std::move(id)) {}

  struct Waiter {
    std::int64_t revision;
    Reached done;
  };

  const std::string app_id;
  // The settings, which say who supplies the variables, may have changed since.
  std::atomic<bool> must_rebind{false};
  std::atomic<std::uint64_t> serial{0};  // of `board`; 0: none. What readers compare
  mutable std::mutex mutex;
  std::shared_ptr<const Board> board;  // guarded by mutex
  std::vector<Waiter> waiters;         // guarded by mutex
  std::string failure;                 // guarded by mutex; of the last reload; empty: it went well
};

// What one thread keeps: its own references, so that reading touches no shared counter.
struct Boards::LocalBoards {
  struct Entry {
    std::shared_ptr<Slot> slot;
    std::shared_ptr<const Board> board;
  };
  std::uint64_t owner = 0;
  std::unordered_map<std::string, Entry, StringHash, std::equal_to<>> entries;

  static LocalBoards& of(std::uint64_t owner) {
    thread_local LocalBoards boards;
    if (boards.owner != owner || boards.entries.size() > max_local_boards) {
      boards.entries.clear();
      boards.owner = owner;
    }
    return boards;
  }
};

Boards::Boards(db::Database& database, const audience::DataProviders& providers, Metrics& metrics)
    : database_(database),
      providers_(providers),
      reloads_(metrics.counter("callboard_board_reloads_total", "Boards read and compiled.")),
      failed_reloads_(metrics.counter("callboard_board_reload_failures_total",
                                      "Reloads that failed; the last good board was kept.")),
      bad_rows_(metrics.counter("callboard_board_bad_rows_total",
                                "Bulletins left out of a board because their condition is bad.")),
      id_(next_id()) {
  database_.on_change([this](const db::Change& change) {
    if (change.kind.empty()) request_reload_of_all();
    if (change.kind == board_change && find_slot(change.app_id)) request_reload(change.app_id);
    if (change.kind == "app") request_rebinding(change.app_id);
  });
  loader_ = std::thread([this] { run(); });
}

Boards::~Boards() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  loader_.join();
  for (const auto& [app_id, slot] : slots_) turn_away_waiters(*slot);
}

std::shared_ptr<Boards::Slot> Boards::find_slot(std::string_view app_id) const {
  const std::shared_lock lock(slots_mutex_);
  const auto found = slots_.find(app_id);
  return found == slots_.end() ? nullptr : found->second;
}

std::shared_ptr<Boards::Slot> Boards::slot_of(std::string_view app_id) {
  if (auto slot = find_slot(app_id)) return slot;
  const std::unique_lock lock(slots_mutex_);
  auto& slot = slots_[std::string(app_id)];
  if (!slot) slot = std::make_shared<Slot>(std::string(app_id));
  return slot;
}

const Board* Boards::current(std::string_view app_id) {
  LocalBoards& local = LocalBoards::of(id_);
  auto entry = local.entries.find(app_id);
  if (entry == local.entries.end()) {
    auto slot = find_slot(app_id);
    if (!slot) return nullptr;
    entry = local.entries.emplace(std::string(app_id), LocalBoards::Entry{slot, nullptr}).first;
  }
  auto& [slot, board] = entry->second;
  const std::uint64_t serial = slot->serial.load(std::memory_order_acquire);
  if (serial != (board ? board->serial() : 0)) {
    const std::lock_guard lock(slot->mutex);
    board = slot->board;
  }
  return board.get();
}

std::shared_ptr<const Board> Boards::get(std::string_view app_id) {
  auto loaded = std::make_shared<std::promise<bool>>();
  when_at_least(app_id, 0, [loaded](bool reached) { loaded->set_value(reached); });
  const bool reached = loaded->get_future().get();
  const auto slot = slot_of(app_id);
  const std::lock_guard lock(slot->mutex);
  if (slot->board) return slot->board;
  throw Error(ErrorCode::unavailable, "the board can't be loaded now")
      .with_private(reached ? "no board" : slot->failure);
}

void Boards::when_at_least(std::string_view app_id, std::int64_t revision, Reached done) {
  const auto slot = slot_of(app_id);
  {
    const std::unique_lock lock(slot->mutex);
    if (!slot->board || slot->board->revision() < revision) {
      slot->waiters.push_back({revision, std::move(done)});
      done = nullptr;
    }
  }
  if (done)
    done(true);
  else
    request_reload(slot->app_id);
}

void Boards::on_new_board(std::function<void(const std::string&)> subscriber) {
  subscribers_.push_back(std::move(subscriber));
}

std::vector<std::pair<std::string, std::string>> Boards::failures() const {
  std::vector<std::pair<std::string, std::string>> failed;
  const std::shared_lock lock(slots_mutex_);
  for (const auto& [app_id, slot] : slots_) {
    const std::lock_guard slot_lock(slot->mutex);
    if (!slot->failure.empty()) failed.emplace_back(app_id, slot->failure);
  }
  return failed;
}

void Boards::request_reload(const std::string& app_id) {
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.insert(app_id);
  }
  wake_.notify_one();
}

void Boards::request_rebinding(const std::string& app_id) {
  const auto slot = find_slot(app_id);
  if (!slot) return;
  slot->must_rebind = true;
  request_reload(app_id);
}

void Boards::request_reload_of_all() {
  const std::shared_lock lock(slots_mutex_);
  for (const auto& [app_id, slot] : slots_) {
    slot->must_rebind = true;
    request_reload(app_id);
  }
}

void Boards::run() {
  auto next_comparison = std::chrono::steady_clock::now() + comparison_interval;
  std::unique_lock lock(queue_mutex_);
  while (!stopping_) {
    wake_.wait_until(lock, next_comparison, [this] { return stopping_ || !queue_.empty(); });
    const std::set<std::string> wanted = std::exchange(queue_, {});
    if (stopping_) break;
    lock.unlock();
    for (const std::string& app_id : wanted) reload(*slot_of(app_id));
    if (std::chrono::steady_clock::now() >= next_comparison) {
      compare_revisions();
      next_comparison = std::chrono::steady_clock::now() + comparison_interval;
    }
    lock.lock();
  }
}

void Boards::compare_revisions() {
  std::vector<std::shared_ptr<Slot>> behind;
  try {
    database_.read([&](db::Transaction& transaction) {
      transaction.query("SELECT app_id, revision FROM boards", {}, [&](const db::Row& row) {
        const auto slot = find_slot(row.text(0));
        if (!slot) return;
        const std::lock_guard lock(slot->mutex);
        const bool current = slot->board && slot->board->revision() == row.integer(1);
        if (!current || slot->must_rebind) behind.push_back(slot);
      });
    });
  } catch (const std::exception&) {
    return;  // /readyz says that the database does not answer; the boards stay as they are
  }
  for (const auto& slot : behind) reload(*slot);
}

void Boards::reload(Slot& slot) {
  std::shared_ptr<const Board> previous;
  {
    const std::lock_guard lock(slot.mutex);
    previous = slot.board;
  }
  const bool must_rebind = slot.must_rebind.exchange(false);
  try {
    std::int64_t revision = 0;
    std::vector<StoredRow> rows;
    database_.read([&](db::Transaction& transaction) {
      revision = board_revision(transaction, slot.app_id);
      if (!previous || previous->revision() != revision || must_rebind) {
        rows = load_enabled(transaction, slot.app_id);
      }
    });
    if (previous && previous->revision() == revision && !must_rebind) {
      return publish(slot, std::move(previous));
    }
    CompiledPosts compiled = compile(slot.app_id, rows, previous.get(), served_);
    bad_rows_.add(compiled.bad_rows);
    publish(slot, std::make_shared<const Board>(slot.app_id, revision, std::move(compiled.posts),
                                                providers_));
  } catch (...) {
    if (must_rebind) slot.must_rebind = true;
    report_failure(slot, message_of(std::current_exception()));
  }
}

void Boards::publish(Slot& slot, std::shared_ptr<const Board> board) {
  std::vector<Reached> reached;
  bool is_new = false;
  {
    const std::lock_guard lock(slot.mutex);
    is_new = slot.board != board;
    if (is_new) {
      slot.board = board;
      slot.serial.store(board->serial(), std::memory_order_release);
      reloads_.add();
    }
    slot.failure.clear();
    std::erase_if(slot.waiters, [&](Slot::Waiter& waiter) {
      if (waiter.revision > board->revision()) return false;
      reached.push_back(std::move(waiter.done));
      return true;
    });
  }
  if (is_new) {
    for (const auto& subscriber : subscribers_) subscriber(slot.app_id);
  }
  for (const Reached& done : reached) done(true);
}

void Boards::report_failure(Slot& slot, const std::string& why) {
  {
    const std::lock_guard lock(slot.mutex);
    slot.failure = why;
  }
  failed_reloads_.add();
  log::error("board_reload_failed", {{"app", slot.app_id}, {"why", why}});
  turn_away_waiters(slot);
}

void Boards::turn_away_waiters(Slot& slot) {
  std::vector<Slot::Waiter> waiters;
  {
    const std::lock_guard lock(slot.mutex);
    waiters = std::exchange(slot.waiters, {});
  }
  for (const auto& waiter : waiters) waiter.done(false);
}

}  // namespace callboard::bulletins
