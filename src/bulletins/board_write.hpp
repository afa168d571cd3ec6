#pragma once

// How a write to a board is answered: when it is committed and this node's readers see it. Any
// thread; does not block. `database` and `boards` outlive the answer.

#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "bulletins/board_change.hpp"
#include "bulletins/boards.hpp"
#include "db/database.hpp"
#include "http/response.hpp"

namespace callboard::bulletins {

// Returns the answer's body; what it throws undoes the change and is the answer.
using ChangeBoard = std::function<boost::json::value(BoardChange&)>;

class BoardWriter {
 public:
  BoardWriter(db::Database& database, Boards& boards, const Clock& clock)
      : database_(database), boards_(boards), clock_(clock) {}

  void write(audience::AuditEntry by, ChangeBoard change, http::Responder responder);
  // The same, of which nothing is kept.
  void rehearse(audience::AuditEntry by, ChangeBoard change, http::Responder responder);

 private:
  db::Database& database_;
  Boards& boards_;
  const Clock& clock_;
};

}  // namespace callboard::bulletins
