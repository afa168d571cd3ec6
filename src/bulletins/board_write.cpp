#include "bulletins/board_write.hpp"

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <utility>

#include "base/json.hpp"

namespace callboard::bulletins {
namespace {

// One write on its way to its answer.
struct Writing {
  audience::AuditEntry by;
  ChangeBoard change;
  http::Responder responder;
  std::string body = {};
  std::int64_t board_revision = 0;
  bool is_rehearsed = false;

  void run(db::Transaction& transaction, Timestamp now) {
    BoardChange board(transaction, by, now);
    body = to_json_text(change(board));
    board_revision = board.revision();
  }
  void answer(bool with_revision) {
    http::Response response = http::json_response(std::move(body));
    if (with_revision) response.header("X-Board-Revision", std::to_string(board_revision));
    responder.send(std::move(response));
  }
};

// Thrown to undo a rehearsal.
struct Rehearsed {};

}  // namespace

void BoardWriter::write(audience::AuditEntry by, ChangeBoard change, http::Responder responder) {
  auto writing =
      std::make_shared<Writing>(Writing{std::move(by), std::move(change), std::move(responder)});
  database_.write(
      [this, writing](db::Transaction& transaction) { writing->run(transaction, clock_.now()); },
      [this, writing](std::exception_ptr failure) {
        if (failure) return writing->responder.fail(failure);
        // Committed: answered as soon as this node's readers see it, or could not be made to.
        boards_.when_at_least(writing->by.app_id, writing->board_revision,
                              [writing](bool) { writing->answer(true); });
      });
}

void BoardWriter::rehearse(audience::AuditEntry by, ChangeBoard change, http::Responder responder) {
  auto writing =
      std::make_shared<Writing>(Writing{std::move(by), std::move(change), std::move(responder)});
  database_.write(
      [this, writing](db::Transaction& transaction) {
        writing->run(transaction, clock_.now());
        writing->is_rehearsed = true;
        throw Rehearsed{};
      },
      [writing](std::exception_ptr failure) {
        writing->is_rehearsed ? writing->answer(false) : writing->responder.fail(failure);
      });
}

}  // namespace callboard::bulletins
