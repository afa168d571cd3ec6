#include "db/guarded_transaction.hpp"

namespace callboard::db {

void GuardedTransaction::require_unbroken() const {
  if (failure_) std::rethrow_exception(failure_);
}

std::int64_t GuardedTransaction::execute(std::string_view sql, Values values) {
  require_unbroken();
  try {
    return run(sql, values);
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

void GuardedTransaction::query(std::string_view sql, Values values,
                               const std::function<void(const Row&)>& each) {
  bool in_callback = false;  // what `each` throws is the caller's own affair
  const std::function<void(const Row&)> watched = [&](const Row& row) {
    in_callback = true;
    each(row);
    in_callback = false;
  };
  require_unbroken();
  try {
    run(sql, values, watched);
  } catch (...) {
    if (!in_callback) failure_ = std::current_exception();
    throw;
  }
}

}  // namespace callboard::db
