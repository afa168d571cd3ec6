#include "bulletins/audience_count.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <utility>

#include "base/error.hpp"
#include "bulletins/audience_page.hpp"

namespace callboard::bulletins {
namespace {

using audience::Direction;

Step count_step(db::Transaction& transaction, std::string_view app_id, AudienceReader& reader,
                const Gap& gap, Direction end) {
  Step step;
  std::deque<std::string> sample;  // of this step, the first by id
  scan_users(transaction, app_id, gap.above, gap.below, end, users_of_a_page,
             [&](const audience::StoredUser& user) {
               ++step.found.total;
               step.last = user.user_id;
               if (!reader.matches(user)) return;
               ++step.found.matching;
               if (end == Direction::ascending && sample.size() == max_audience_sample) return;
               sample.emplace_back(user.user_id);
               if (sample.size() > max_audience_sample) sample.pop_front();
             });
  step.found.sample.assign(sample.begin(), sample.end());
  step.is_complete = step.found.total < users_of_a_page;
  return step;
}

// One of so many at a time.
class Turn {
 public:
  explicit Turn(std::atomic<int>& running) : running_(running) {
    if (running_.fetch_add(1) < max_audience_counts) return;
    --running_;
    throw Error(ErrorCode::unavailable, "other audiences are being counted")
        .with_retry_after(std::chrono::seconds(1));
  }
  ~Turn() { --running_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::atomic<int>& running_;
};

}  // namespace

AudienceCounter::AudienceCounter(db::Database& database, const audience::DataProviders& providers,
                                 const Clock& clock)
    : database_(database), providers_(providers), clock_(clock) {}

Audience AudienceCounter::count(std::string_view app_id, const conditions::Condition& condition) {
  const Turn turn(running_);
  const Timestamp now = clock_.now();
  const MonotonicTime deadline = clock_.monotonic() + max_audience_time;
  Meeting meeting;
  const auto count_from = [&](Direction end) {
    AudienceReader reader(providers_, app_id, condition, now);
    for (Gap gap = meeting.gap(); !gap.is_closed(); gap = meeting.gap()) {
      if (clock_.monotonic() > deadline) {
        throw Error(ErrorCode::unavailable, "counting all users takes too long");
      }
      meeting.take(end, gap, database_.get([&](db::Transaction& transaction) {
        return count_step(transaction, app_id, reader, gap, end);
      }));
    }
  };
  auto other = std::async(std::launch::async, count_from, Direction::descending);
  count_from(Direction::ascending);
  other.get();
  return std::move(meeting).result();
}

}  // namespace callboard::bulletins
