#include "http/chunked_body.hpp"

#include <algorithm>
#include <string_view>

#include "http/head_scan.hpp"

namespace callboard::http {
namespace {

std::optional<Refusal> bad_chunk() {
  return Refusal{400, "malformed chunked body"};
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a' + 10);
  return std::nullopt;
}

}  // namespace

void ChunkedBody::restart(std::size_t max_body) {
  *this = ChunkedBody{};
  allowance_ = max_body;
}

std::optional<Refusal> ChunkedBody::feed(std::string_view& input, std::string& body) {
  while (!input.empty() && state_ != State::done) {
    if (state_ == State::data) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
      body.append(input.substr(0, count));
      input.remove_prefix(count);
      left_ -= count;
      if (left_ == 0) state_ = State::data_return;
      continue;
    }
    if (const auto refused = step(input.front())) return refused;
    input.remove_prefix(1);
  }
  return std::nullopt;
}

std::optional<Refusal> ChunkedBody::step(char c) {
  switch (state_) {
    case State::size:
      return size(c);
    case State::extension_name_start:
    case State::extension_name:
    case State::extension_value_start:
    case State::extension_value:
    case State::extension_quoted:
    case State::extension_quoted_pair:
    case State::extension_quoted_end:
      return extension(c);
    case State::size_feed:
      return c == '\n' ? begin_data() : bad_chunk();
    case State::data_return:
      return expect(c, '\r', State::data_feed);
    case State::data_feed:
      digits_ = 0;
      return expect(c, '\n', State::size);
    case State::trailer_feed:
      return expect(c, '\n', State::trailer_start);
    case State::last_feed:
      return expect(c, '\n', State::done);
    default:
      return trailer(c);
  }
}

std::optional<Refusal> ChunkedBody::expect(char c, char wanted, State next) {
  if (c != wanted) return bad_chunk();
  state_ = next;
  return std::nullopt;
}

std::optional<Refusal> ChunkedBody::size(char c) {
  if (const auto digit = hex_digit(c)) {
    if (++digits_ > max_chunk_size_digits) return bad_chunk();
    left_ = left_ * 16 + *digit;
    return std::nullopt;
  }
  if (digits_ == 0) return bad_chunk();
  if (c == ';') {
    state_ = State::extension_name_start;
    return std::nullopt;
  }
  return expect(c, '\r', State::size_feed);
}

std::optional<Refusal> ChunkedBody::extension(char c) {
  if (++extension_bytes_ > max_chunk_extension_bytes) return bad_chunk();
  const bool may_end = state_ == State::extension_name || state_ == State::extension_value ||
                       state_ == State::extension_quoted_end;
  if (may_end && c == '\r') {
    state_ = State::size_feed;
  } else if (may_end && c == ';') {
    state_ = State::extension_name_start;
  } else if (state_ == State::extension_name && c == '=') {
    state_ = State::extension_value_start;
  } else {
    return extension_text(c);
  }
  return std::nullopt;
}

std::optional<Refusal> ChunkedBody::extension_text(char c) {
  const bool token = is_token_char(c), text = is_field_text({&c, 1});
  switch (state_) {
    case State::extension_name_start:
      state_ = State::extension_name;
      return token ? std::nullopt : bad_chunk();
    case State::extension_value_start:
      state_ = c == '"' ? State::extension_quoted : State::extension_value;
      return c == '"' || token ? std::nullopt : bad_chunk();
    case State::extension_name:
    case State::extension_value:
      return token ? std::nullopt : bad_chunk();
    case State::extension_quoted:
      if (c == '"') state_ = State::extension_quoted_end;
      if (c == '\\') state_ = State::extension_quoted_pair;
      return text ? std::nullopt : bad_chunk();
    case State::extension_quoted_pair:
      state_ = State::extension_quoted;
      return text ? std::nullopt : bad_chunk();
    default:
      return bad_chunk();
  }
}

std::optional<Refusal> ChunkedBody::begin_data() {
  if (left_ > allowance_) return Refusal{413, "the body is too large"};
  allowance_ -= left_;
  state_ = left_ > 0 ? State::data : State::trailer_start;
  return std::nullopt;
}

std::optional<Refusal> ChunkedBody::trailer(char c) {
  if (++trailer_bytes_ > max_trailer_bytes) return Refusal{431, "the trailers are too large"};
  if (state_ == State::trailer_value) {
    if (c == '\r') state_ = State::trailer_feed;
    return c == '\r' || is_field_text({&c, 1}) ? std::nullopt : bad_chunk();
  }
  const bool at_start = state_ == State::trailer_start;
  if (at_start && c == '\r') {
    state_ = State::last_feed;
  } else if (!at_start && c == ':') {
    state_ = State::trailer_value;
  } else if (is_token_char(c)) {
    state_ = State::trailer_name;
  } else {
    return bad_chunk();
  }
  return std::nullopt;
}

}  // namespace callboard::http
