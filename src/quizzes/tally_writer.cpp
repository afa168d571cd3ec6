#include "quizzes/tally_writer.hpp"

#include <utility>

#include "http/problem.hpp"

namespace callboard::quizzes {

struct TallyWriter::Batch {
  std::vector<Increment> increments;
  std::vector<Done> done;
  std::vector<Outcome> outcomes;
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
    if (waiting_.size() < max_waiting_increments) {
      waiting_.push_back({std::move(increment), std::exchange(done, nullptr)});
      if (!is_writing_) batch = next_batch_locked();
    }
  }
  if (done) {
    refused_.add();
    done(tl::unexpected(Error(ErrorCode::unavailable, "too many answers are being counted")));
  }
  if (batch) write(std::move(batch));
}

// Null: nobody waits.
std::shared_ptr<TallyWriter::Batch> TallyWriter::next_batch_locked() {
  is_writing_ = !waiting_.empty();
  if (!is_writing_) return nullptr;
  auto batch = std::make_shared<Batch>();
  const bool alone = waiting_.front().alone;
  do {
    batch->increments.push_back(std::move(waiting_.front().increment));
    batch->done.push_back(std::move(waiting_.front().done));
    waiting_.pop_front();
  } while (!alone && !waiting_.empty() && !waiting_.front().alone &&
           batch->done.size() < max_batched_increments);
  return batch;
}

void TallyWriter::write(std::shared_ptr<Batch> batch) {
  database_.write(
      [batch, now = clock_.now()](db::Transaction& transaction) {
        batch->outcomes = count_all(transaction, batch->increments, now);
      },
      [this, batch](std::exception_ptr failure) { finish(*batch, failure); });
}

// The next ones are on their way before these are answered.
void TallyWriter::finish(Batch& batch, const std::exception_ptr& failure) {
  batches_.add();
  const bool is_answer = !retry_each_alone(batch, failure);
  std::shared_ptr<Batch> next;
  {
    const std::lock_guard lock(mutex_);
    next = next_batch_locked();
  }
  if (next) write(std::move(next));
  if (is_answer) answer(batch, failure);
}

// An application that was deleted meanwhile contradicts the whole transaction, of which nothing is
// kept then; those of the others go on without it.
bool TallyWriter::retry_each_alone(Batch& batch, const std::exception_ptr& failure) {
  if (!failure || batch.done.size() < 2) return false;
  if (http::error_of(failure).code() != ErrorCode::conflict) return false;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = batch.done.size(); i-- > 0;) {
    waiting_.push_front({std::move(batch.increments[i]), std::move(batch.done[i]), true});
  }
  return true;
}

void TallyWriter::answer(Batch& batch, const std::exception_ptr& failure) {
  if (!failure) counted_.add(batch.done.size());
  for (std::size_t i = 0; i < batch.done.size(); ++i) {
    batch.done[i](failure ? tl::unexpected(http::error_of(failure)) : std::move(batch.outcomes[i]));
  }
}

}  // namespace callboard::quizzes
