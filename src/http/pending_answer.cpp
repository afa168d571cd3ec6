#include "http/pending_answer.hpp"

#include <utility>

#include "http/connection.hpp"
#include "http/problem.hpp"

namespace callboard::http {
namespace {

class Promise final : public Responder::Impl {
 public:
  explicit Promise(std::shared_ptr<PendingAnswer> pending) : pending_(std::move(pending)) {}

  ~Promise() override {
    if (pending_->answered()) return;
    pending_->answer({{},
                      std::make_exception_ptr(Error(ErrorCode::internal, "internal error")
                                                  .with_private("a request got no answer"))});
  }

  void answer(Answer answer) override { pending_->answer(std::move(answer)); }

  void fail_at(MonotonicTime deadline, std::exception_ptr error) override {
    pending_->fail_at(deadline, std::move(error));
  }

 private:
  std::shared_ptr<PendingAnswer> pending_;
};

}  // namespace

std::shared_ptr<Responder::Impl> make_promise(std::shared_ptr<PendingAnswer> pending) {
  return std::make_shared<Promise>(std::move(pending));
}

PendingAnswer::PendingAnswer(Connection& owner, Surface surface, std::shared_ptr<Exchange> exchange,
                             std::shared_ptr<Mailbox> mailbox)
    : connection(&owner),
      surface_(surface),
      exchange_(std::move(exchange)),
      mailbox_(std::move(mailbox)) {}

void PendingAnswer::arrive() {
  if (connection != nullptr) connection->attend(shared_from_this());
}

// The request's id is still this request's, as nobody has answered it yet.
void PendingAnswer::fail(const Error& error) {
  write_problem(error, surface_, exchange_->request, response_);
}

void PendingAnswer::answer(Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    if (answer.error) {
      fail(error_of(answer.error));
    } else {
      response_ = std::move(answer.response);
    }
    answered_ = true;
  }
  mailbox_->deliver(shared_from_this());
}

void PendingAnswer::fail_at(MonotonicTime deadline, std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    deadline_ = deadline;
    deadline_error_ = error_of(error);
  }
  mailbox_->deliver(shared_from_this());
}

bool PendingAnswer::answered() const {
  const std::lock_guard lock(mutex_);
  return answered_;
}

Response PendingAnswer::take() {
  const std::lock_guard lock(mutex_);
  return std::move(response_);
}

std::optional<MonotonicTime> PendingAnswer::deadline() const {
  const std::lock_guard lock(mutex_);
  return deadline_;
}

bool PendingAnswer::expire(MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (answered_ || !deadline_ || *deadline_ > now) return false;
  fail(*deadline_error_);
  answered_ = overdue_ = true;
  return true;
}

}  // namespace callboard::http
