#pragma once

// One change of one board, however many bulletins it touches: the board gets one new revision,
// which is announced, so that memory follows on every node; and each bulletin gets an entry in the
// audit log, which is its history. Lives in the caller's transaction.

#include <cstdint>
#include <optional>
#include <string>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "bulletins/bulletin.hpp"
#include "db/database.hpp"

namespace callboard::bulletins {

class BoardChange {
 public:
  // `by`: who, from where, what ("bulletin.update"), on which application's board.
  BoardChange(db::Transaction& transaction, audience::AuditEntry by, Timestamp now);

  // Throws Error{unprocessable} when the board is full.
  Bulletin create(const Draft& draft);
  // Throws Error{not_found}; Error{conflict} when the expected revision is not the current one.
  Bulletin update(const Update& update);
  // Throws Error{not_found}. A deletion takes a revision number too, which has no content.
  void erase(std::int64_t id);
  // A new revision with the content of an old one; an erased bulletin comes back under its id.
  // Throws Error{not_found} for an unknown bulletin, Error{invalid} for a revision without content.
  Bulletin restore(std::int64_t id, std::int64_t revision);

  // The board's, which has this change.
  std::int64_t revision() const { return revision_; }
  const std::string& app_id() const { return by_.app_id; }
  db::Transaction& transaction() { return transaction_; }

 private:
  void record(const Bulletin* before, const Bulletin* after);

  db::Transaction& transaction_;
  audience::AuditEntry by_;
  const Timestamp now_;
  const std::int64_t revision_;
};

}  // namespace callboard::bulletins
