#pragma once

// HTTP/1.1 without the input and output: bytes go in, requests come out. Owned by one connection
// and used by one thread at a time.
//
//   fill space(), tell received(), then ask next() until it needs more:
//   need_more -> head (route it, call limit_body()) -> request (serve it, call done()) -> ...
//
// Views into the head and body stay valid from `head` until done(). Memory is bounded by the
// header limit plus the body limit.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/chunked_body.hpp"
#include "http/head_scan.hpp"

namespace callboard::http {

inline constexpr std::size_t read_buffer_bytes = 8 * 1024;  // to begin with
// Kept free behind a head for its chunks, which are read there one window after the other.
inline constexpr std::size_t chunk_window_bytes = 1024;
inline constexpr std::size_t body_read_bytes = 64 * 1024;  // at a time
// A larger body buffer is given back after its request.
inline constexpr std::size_t kept_body_bytes = 64 * 1024;

class RequestReader {
 public:
  enum class Event : std::uint8_t {
    need_more,
    head,     // head() is known; call limit_body()
    request,  // head() and body() are known; call done()
    refused,  // see refusal(); nothing further is read
  };
  enum class Stage : std::uint8_t { idle, head, body, whole, refused };

  // `unparsed` is what another reader of the same connection had left over.
  explicit RequestReader(HeadLimits limits, std::string_view unparsed = {});

  // Where the next bytes go; never empty. Only after need_more.
  std::span<char> space();
  void received(std::size_t count);
  Event next();

  const Head& head() const { return head_; }
  std::string_view body() const { return body_view_; }
  const Refusal& refusal() const { return refusal_; }
  // What is being waited for. `idle`: not a byte of the next request is here.
  Stage stage() const;

  // Refuses a larger body from here on.
  void limit_body(std::size_t bytes);
  // Whether a body is announced of which not everything is here yet.
  bool body_is_missing() const;
  // The request has been served: on to the next one.
  void done();
  // What lies behind the request at hand.
  std::string_view unparsed() const { return {buffer_.get() + begin_, end_ - begin_}; }

 private:
  Event next_head();
  bool pass_empty_line();
  Event next_body();
  Event next_chunks();
  Event complete(std::string_view body);
  Event refuse(Refusal refusal);
  void move_to(std::size_t capacity);
  void make_room();

  HeadLimits limits_;
  Stage stage_ = Stage::idle;
  // buffer_[begin_, end_) is not parsed yet. While a request is at hand its head lies before
  // head_end_, and nothing moves.
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0, head_end_ = 0;
  bool empty_line_passed_ = false;  // before the request at hand
  HeadEnd search_;
  Head head_;
  Refusal refusal_{};

  std::uint64_t body_left_ = 0;  // of a body of known length: what is not in body_ yet
  std::size_t body_filled_ = 0;  // body_ may be longer than what has arrived
  std::string body_;
  std::string_view body_view_;
  ChunkedBody chunks_;
};

}  // namespace callboard::http
