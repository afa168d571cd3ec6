#pragma once

// What a board answers one user: which posts, in order, as the body and its entity tag. Used by one
// thread at a time; its memory is reused from answer to answer.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "audience/audience.hpp"
#include "bulletins/board.hpp"

namespace callboard::bulletins {

struct Answer {
  std::string body;  // {"bulletin_board":[...]}
  std::string etag;  // W/"...": a hash of the (id, revision) pairs in order; equal on every node
};

class Answerer {
 public:
  // `values`: by slot of the board's binding. `categories`: empty means all.
  void answer(const Board& board, std::span<const conditions::Value* const> values, Timestamp now,
              std::span<const std::string> categories, Answer& out);

 private:
  conditions::Matcher::Scratch scratch_;
  std::vector<std::uint32_t> matched_;
  std::vector<std::int64_t> identity_;  // id, revision, id, revision, ...
};

}  // namespace callboard::bulletins
