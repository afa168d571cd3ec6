#pragma once

// What a board answers one user: which posts, in order, with the header lines that say which
// answer it is. Used by one thread at a time; its memory is reused from answer to answer.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audience/audience.hpp"
#include "bulletins/board.hpp"

namespace callboard::bulletins {

// In one piece, as it is sent, so that an answer which is remembered lies together in memory.
class Answer {
 public:
  // W/"...": a hash of the (id, revision) pairs in order; equal on every node.
  std::string_view etag() const { return {text_.data() + etag_.begin, etag_.size}; }
  // Each ended by CRLF; Content-Type, which a 304 has not, stands in neither.
  std::string_view header_lines() const { return {text_.data(), body_at_}; }
  std::string_view body() const { return std::string_view(text_).substr(body_at_); }
  // Which posts it shows, by their places in the board.
  std::span<const std::uint32_t> posts() const { return posts_; }
  // What it occupies besides itself.
  std::size_t bytes() const { return text_.capacity() + posts_.capacity() * sizeof(std::uint32_t); }

 private:
  friend class Answerer;
  struct Part {
    std::size_t begin = 0, size = 0;
  };
  std::string text_;
  std::vector<std::uint32_t> posts_;
  Part etag_;
  std::size_t body_at_ = 0;
};

class Answerer {
 public:
  // `values`: by slot of the board's binding. `categories`: empty means all.
  void answer(const Board& board, std::span<const conditions::Value* const> values, Timestamp now,
              std::span<const std::string> categories, Answer& out);

 private:
  static void write_head(std::int64_t revision, std::uint64_t hash, Answer& out);

  conditions::Matcher::Scratch scratch_;
  std::vector<std::uint32_t> matched_;
  std::vector<std::int64_t> identity_;  // id, revision, id, revision, ...
};

}  // namespace callboard::bulletins
