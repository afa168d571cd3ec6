#include "quizzes/tally_writer.hpp"

#include <utility>
#include <vector>

#include "base/kill_point.hpp"
#include "http/problem.hpp"

namespace callboard::quizzes {

// All of one application.
struct TallyWriter::Batch {
  std::vector<Increment> increments;
  std::vector<Done> done;
  std::vector<Outcome> outcomes;
  Queues::iterator queue;  // where its application's next ones wait
  bool is_second_try = false;
};

TallyWriter::TallyWriter(db::Database& database, const Clock& clock, Metrics& metrics)
    : database_(database),
      clock_(clock),
      counted_(metrics.counter("callboard_quiz_increments_total", "Increments of quizzes.")),
      batches_(metrics.counter("callboard_quiz_batches_total",
                               "Transactions in which quizzes' increments were written.")),
      refused_(metrics.counter("callboard_quiz_increments_refused_total",
                               "Increments that were refused because too many waited.")) {}

void TallyWriter::add(Increment increment, Done done) {
  std::shared_ptr<Batch> batch;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_ < max_waiting_increments) {
      const auto [queue, is_idle] = queues_.try_emplace(increment.app_id);
      queue->second.push_back({std::move(increment), std::exchange(done, nullptr)});
      ++waiting_;
      if (is_idle) batch = next_batch_locked(queue);
    }
  }
  if (done) {
    refused_.add();
    done(tl::unexpected(Error(ErrorCode::unavailable, "too many answers are being counted")));
  }
  if (batch) write(std::move(batch));
}

// Null: nobody waits, and the queue is gone.
std::shared_ptr<TallyWriter::Batch> TallyWriter::next_batch_locked(Queues::iterator queue) {
  std::deque<Waiting>& waiting = queue->second;
  if (waiting.empty()) {
    queues_.erase(queue);
    return nullptr;
  }
  auto batch = std::make_shared<Batch>();
  batch->queue = queue;
  while (!waiting.empty() && batch->done.size() < max_batched_increments) {
    batch->increments.push_back(std::move(waiting.front().increment));
    batch->done.push_back(std::move(waiting.front().done));
    waiting.pop_front();
    --waiting_;
  }
  return batch;
}

void TallyWriter::write(std::shared_ptr<Batch> batch) {
  database_.write(
      [batch, now = clock_.now()](db::Transaction& transaction) {
        batch->outcomes = count_all(transaction, batch->increments, now);
        kill_point("quiz.counted");
      },
      [this, batch](std::exception_ptr failure) { finish(batch, failure); });
}

// An application that is deleted meanwhile contradicts the transaction; the second try finds that
// it is gone. The next ones are on their way before these are answered.
void TallyWriter::finish(const std::shared_ptr<Batch>& batch, const std::exception_ptr& failure) {
  batches_.add();
  const bool is_conflict = failure && http::error_of(failure).code() == ErrorCode::conflict;
  if (is_conflict && !std::exchange(batch->is_second_try, true)) return write(batch);
  std::shared_ptr<Batch> next;
  {
    const std::lock_guard lock(mutex_);
    next = next_batch_locked(batch->queue);
  }
  if (next) write(std::move(next));
  answer(*batch, failure);
}

void TallyWriter::answer(Batch& batch, const std::exception_ptr& failure) {
  if (!failure) counted_.add(batch.done.size());
  for (std::size_t i = 0; i < batch.done.size(); ++i) {
    batch.done[i](failure ? tl::unexpected(http::error_of(failure)) : std::move(batch.outcomes[i]));
  }
}

}  // namespace callboard::quizzes
