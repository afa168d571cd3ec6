#include "bulletins/board_reader.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <charconv>
#include <utility>

#include "http/etag.hpp"

namespace callboard::bulletins {
namespace {

// An answer that nothing changed is made anew this often, which costs a matching.
constexpr std::chrono::minutes memo_lifetime{10};

// What one thread needs to answer, kept so that its memory is reused.
struct Workspace {
  audience::Scratch scratch;
  Answerer answerer;
  Answer answer;

  static Workspace& of_this_thread() {
    thread_local Workspace workspace;
    return workspace;
  }
};

// Of everything in the request that the answer may follow from: the context headers and the query.
std::uint64_t fingerprint(const http::Request& request) {
  std::uint64_t hash = XXH3_64bits(request.query.data(), request.query.size());
  for (const std::string_view name : audience::context_headers) {
    const auto value = request.header(name);
    hash = value ? XXH3_64bits_withSeed(value->data(), value->size(), hash) : hash * 31 + 1;
  }
  return hash;
}

void respond(std::int64_t revision, const Answer& answer, const http::Request& request,
             http::Response& response) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), revision).ptr;
  response.header("X-Board-Revision", {digits.data(), end});
  response.header("ETag", answer.etag);
  response.header("Cache-Control", "private, no-cache");
  const auto known = request.header("If-None-Match");
  if (known && http::etag_matches(*known, answer.etag)) {
    response.status = 304;
    return;
  }
  response.content_type("application/json");
  response.body = answer.body;
}

}  // namespace

// The user's last answer, and what it followed from.
struct BoardReader::Remembered {
  std::uint64_t board_serial;
  std::uint64_t user_generation;
  std::uint64_t fingerprint;
  Timestamp from;
  Timestamp until;  // exclusive: the next edge
  Answer answer;

  bool holds(const Board& board, std::uint64_t generation, const http::Request& request,
             Timestamp now) const {
    return board_serial == board.serial() && user_generation == generation && from <= now &&
           now < until && fingerprint == bulletins::fingerprint(request);
  }
  std::size_t bytes() const { return sizeof *this + answer.body.size() + answer.etag.size(); }
};

BoardReader::BoardReader(Boards& boards, audience::Users& users,
                         const audience::DataProviders& providers, const Clock& clock,
                         Metrics& metrics, std::size_t memo_bytes)
    : boards_(boards), users_(users), providers_(providers), clock_(clock) {
  if (memo_bytes == 0) return;
  cache::Options options{.name = "answers", .max_bytes = memo_bytes, .lifetime = memo_lifetime};
  memo_ = std::make_unique<cache::Cache<Remembered>>(std::move(options), clock, metrics);
}

bool BoardReader::answer_from_memory(const Question& question, http::Response& response) {
  const Board* board = boards_.current(question.app_id);
  if (board == nullptr) return false;
  const Timestamp now = clock_.now();
  const std::uint64_t generation = users_.generation(question.app_id, question.user_id);
  if (memo_ && question.overrides.empty()) {
    const auto known = memo_->find({question.app_id, question.user_id});
    if (known && known->holds(*board, generation, *question.request, now)) {
      respond(board->revision(), known->answer, *question.request, response);
      return true;
    }
  }
  const audience::Subject subject{question.app_id, users_.cached(question.app_id, question.user_id),
                                  question.request, question.overrides, now};
  audience::Scratch& scratch = Workspace::of_this_thread().scratch;
  if (!subject.user || !providers_.fill(board->binding(), subject, scratch)) return false;
  answer(*board, question, now, generation, response);
  return true;
}

void BoardReader::answer_blocking(const Question& question, http::Response& response) {
  const auto board = boards_.get(question.app_id);
  const Timestamp now = clock_.now();
  const std::uint64_t generation = users_.generation(question.app_id, question.user_id);
  const audience::Subject subject{question.app_id, users_.load(question.app_id, question.user_id),
                                  question.request, question.overrides, now};
  providers_.fill_blocking(board->binding(), subject, Workspace::of_this_thread().scratch);
  answer(*board, question, now, generation, response);
}

// From this thread's scratch, which has been filled.
void BoardReader::answer(const Board& board, const Question& question, Timestamp now,
                         std::uint64_t user_generation, http::Response& response) {
  Workspace& workspace = Workspace::of_this_thread();
  Answer& made = workspace.answer;
  workspace.answerer.answer(board, workspace.scratch.values(), now, question.categories, made);
  respond(board.revision(), made, *question.request, response);
  if (!memo_ || !question.overrides.empty() || !board.binding().follows_subject()) return;
  auto remembered = std::make_shared<const Remembered>(
      Remembered{board.serial(), user_generation, fingerprint(*question.request), now,
                 board.next_edge_after(now), made});
  const std::size_t bytes = remembered->bytes();
  memo_->put({question.app_id, question.user_id}, {std::move(remembered), bytes});
}

}  // namespace callboard::bulletins
