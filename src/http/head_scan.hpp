#pragma once

// The strict reading of a request's head (RFC 9112), from the request line to the empty line. It
// accepts only what every other reader on the way reads alike: no folding, no bare CR or LF, no
// space before the colon, one Host, at most one of Content-Length and Transfer-Encoding. There is
// no second opinion behind it: what it returns is what is served. A target in absolute form
// (section 3.2.2) is read as its path, where Host agrees with it. Pure; views point into the input.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "http/problem.hpp"
#include "http/request.hpp"

namespace callboard::http {

struct HeadLimits {
  std::size_t bytes = 16 * 1024;  // the request line, all headers and the empty line
  std::size_t count = 100;
  std::size_t target = 8 * 1024;
};

struct Head {
  Method method = Method::get;
  std::string_view target;     // path and query, or "*"
  std::string_view authority;  // of a target in absolute form; what Host says too
  std::vector<Header> headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

// Finds the end of a head that arrives piece by piece, without looking at any byte twice.
class HeadEnd {
 public:
  // `bytes` begins where the head does and has only grown since the last call. Returns the head's
  // length; nothing while it is incomplete. A line feed without its CR throws nothing, but makes
  // bare_line_feed() true.
  std::optional<std::size_t> find(std::string_view bytes);
  bool bare_line_feed() const { return bare_line_feed_; }
  // Whether the request line has ended.
  bool past_first_line() const { return line_start_ > 0; }

 private:
  std::size_t line_start_ = 0;
  std::size_t searched_ = 0;
  bool bare_line_feed_ = false;
};

// `bytes` is a whole head. Fills `head`, whose vector keeps its capacity, or says why not.
std::optional<Refusal> scan_head(std::string_view bytes, const HeadLimits& limits, Head& head);

bool is_token_char(char c);
bool is_token(std::string_view text);
// Visible ASCII, space, tab and obs-text: all that a header value may hold.
bool is_field_text(std::string_view text);

}  // namespace callboard::http
