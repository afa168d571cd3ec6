#pragma once

// What every database's Transaction has in common: after a statement's error nothing more of it
// runs, and the first error is its outcome. The databases derive from it and run the statements.

#include <exception>

#include "db/database.hpp"

namespace callboard::db {

class GuardedTransaction : public Transaction {
 public:
  std::int64_t execute(std::string_view sql, Values values) final;
  void query(std::string_view sql, Values values,
             const std::function<void(const Row&)>& each) final;

 protected:
  virtual std::int64_t run(std::string_view sql, Values values) = 0;
  virtual void run(std::string_view sql, Values values,
                   const std::function<void(const Row&)>& each) = 0;
  // Throws the error that the work may have swallowed.
  void require_unbroken() const;

 private:
  std::exception_ptr failure_;
};

}  // namespace callboard::db
