#include "bulletins/board_reader.hpp"

#include <xxhash.h>

#include "http/etag.hpp"

namespace callboard::bulletins {
namespace {

// What one thread needs to answer, kept so that its memory is reused.
struct Workspace {
  audience::Scratch scratch;
  Answerer answerer;
  Answer answer;

  // From the scratch, which has been filled.
  const Answer& answer_to(const Board& board, const Question& question, Timestamp now) {
    answerer.answer(board, scratch.values(), now, question.categories, answer);
    return answer;
  }
  static Workspace& of_this_thread() {
    thread_local Workspace workspace;
    return workspace;
  }
};

// Of everything in the question that the answer may follow from, besides the user and overrides:
// the context headers and the categories.
std::uint64_t fingerprint(const Question& question) {
  std::uint64_t hash = 0;
  for (const std::string& category : question.categories) {
    hash = XXH3_64bits_withSeed(category.data(), category.size(), hash) + 1;
  }
  for (const std::string_view name : audience::context_headers) {
    const auto value = question.request->header(name);
    hash = value ? XXH3_64bits_withSeed(value->data(), value->size(), hash) : hash * 31 + 1;
  }
  return hash;
}

// Lends `answer`, which must stay as it is until the response has been written. What is sent is
// counted.
void respond(const Board& board, const Answer& answer, const http::Request& request,
             http::Response& response) {
  response.lend_header_lines(answer.header_lines());
  const auto known = request.header("If-None-Match");
  if (known && http::etag_matches(*known, answer.etag())) {
    response.status = 304;
  } else {
    response.lend_body(answer.body());
    board.count_served(answer.posts());
  }
}

}  // namespace

BoardReader::BoardReader(Boards& boards, audience::Users& users,
                         const audience::DataProviders& providers, const Clock& clock,
                         std::size_t memo_bytes)
    : boards_(boards),
      users_(users),
      providers_(providers),
      clock_(clock),
      memo_bytes_(memo_bytes) {}

bool BoardReader::answer_from_memory(const Question& question, http::Response& response) {
  const Board* board = boards_.current(question.app_id);
  if (board == nullptr) return false;
  const Timestamp now = clock_.now();
  const cache::Key user{question.app_id, question.user_id};
  const bool may_remember = memo_bytes_ > 0 && question.overrides.empty();
  Basis basis;
  if (may_remember) {
    // Before the user is read: what changes meanwhile makes the answer outdated.
    basis = {board->serial(), users_.generation(user.scope, user.name), fingerprint(question)};
    if (const Answer* known = memo().find(user, basis, now)) {
      respond(*board, *known, *question.request, response);
      return true;
    }
  }
  Workspace& workspace = Workspace::of_this_thread();
  const audience::Subject subject{question.app_id, users_.cached(user.scope, user.name),
                                  question.request, question.overrides, now};
  if (!subject.user || !providers_.fill(board->binding(), subject, workspace.scratch)) return false;
  respond(*board, workspace.answer_to(*board, question, now), *question.request, response);
  if (may_remember && board->binding().follows_subject()) {
    memo().remember(user, basis, now, board->next_edge_after(now), workspace.answer);
  }
  return true;
}

void BoardReader::answer_blocking(const Question& question, http::Response& response) {
  const auto board = boards_.get(question.app_id);
  const Timestamp now = clock_.now();
  const audience::Subject subject{question.app_id, users_.load(question.app_id, question.user_id),
                                  question.request, question.overrides, now};
  Workspace& workspace = Workspace::of_this_thread();
  providers_.fill_blocking(board->binding(), subject, workspace.scratch);
  respond(*board, workspace.answer_to(*board, question, now), *question.request, response);
  response.keep_what_was_lent();
}

AnswerMemo& BoardReader::memo() {
  return memos_.mine([this] { return AnswerMemo(memo_bytes_); });
}

}  // namespace callboard::bulletins
