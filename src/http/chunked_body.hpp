#pragma once

// Takes the chunked coding off a body (RFC 9112 section 7.1), byte by byte, so that it never has
// to wait for a whole line. Stricter than the grammar: no white space around a size, extensions
// and trailers bounded and dropped. Owned by one RequestReader.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/problem.hpp"

namespace callboard::http {

inline constexpr int max_chunk_size_digits = 8;
inline constexpr std::size_t max_chunk_extension_bytes = 1024;  // of a whole body
inline constexpr std::size_t max_trailer_bytes = 4096;

class ChunkedBody {
 public:
  void restart(std::size_t max_body);
  // Takes from the front of `input`, appends to `body`. Stops at the end of the body: done().
  std::optional<Refusal> feed(std::string_view& input, std::string& body);
  bool done() const { return state_ == State::done; }

 private:
  enum class State : std::uint8_t {
    size,
    extension_name_start,
    extension_name,
    extension_value_start,
    extension_value,
    extension_quoted,
    extension_quoted_pair,
    extension_quoted_end,
    size_feed,  // the line feed after a size
    data,
    data_return,
    data_feed,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_feed,
    last_feed,
    done,
  };

  std::optional<Refusal> step(char c);
  std::optional<Refusal> size(char c);
  std::optional<Refusal> extension(char c);
  std::optional<Refusal> extension_text(char c);
  std::optional<Refusal> trailer(char c);
  std::optional<Refusal> expect(char c, char wanted, State next);
  std::optional<Refusal> begin_data();

  State state_ = State::size;
  int digits_ = 0;
  std::uint64_t left_ = 0;       // bytes of the chunk at hand
  std::uint64_t allowance_ = 0;  // bytes that the body may still grow by
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace callboard::http
