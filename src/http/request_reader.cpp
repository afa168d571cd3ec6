#include "http/request_reader.hpp"

#include <algorithm>
#include <utility>

namespace callboard::http {

RequestReader::RequestReader(HeadLimits limits, std::string_view unparsed) : limits_(limits) {
  move_to(std::max(read_buffer_bytes, unparsed.size() + chunk_window_bytes));
  std::ranges::copy(unparsed, buffer_.get());
  end_ = unparsed.size();
}

// Only while nobody holds a view: before a head is complete.
void RequestReader::move_to(std::size_t capacity) {
  std::unique_ptr<char[]> target(new char[capacity]);
  std::ranges::copy(unparsed(), target.get());
  buffer_ = std::move(target);
  capacity_ = capacity;
  end_ -= std::exchange(begin_, 0);
}

RequestReader::Stage RequestReader::stage() const {
  return stage_ == Stage::idle && end_ > begin_ ? Stage::head : stage_;
}

std::span<char> RequestReader::space() {
  if (stage_ == Stage::body && !head_.chunked) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, body_read_bytes));
    body_.resize(body_filled_ + wanted);
    return {body_.data() + body_filled_, wanted};
  }
  if (stage_ == Stage::body) return {buffer_.get() + end_, capacity_ - end_};
  make_room();
  return {buffer_.get() + end_, capacity_ - end_};
}

void RequestReader::make_room() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (capacity_ > read_buffer_bytes) move_to(read_buffer_bytes);
  } else if (capacity_ - end_ < chunk_window_bytes) {
    const bool crowded = unparsed().size() > capacity_ / 2;
    move_to(crowded ? 2 * capacity_ : capacity_);
  }
}

void RequestReader::received(std::size_t count) {
  if (stage_ == Stage::body && !head_.chunked) {
    body_filled_ += count;
    body_left_ -= count;
  } else {
    end_ += count;
  }
}

RequestReader::Event RequestReader::next() {
  switch (stage_) {
    case Stage::idle:
    case Stage::head:
      return next_head();
    case Stage::body:
      return head_.chunked ? next_chunks() : next_body();
    case Stage::whole:
      return Event::request;
    case Stage::refused:
      return Event::refused;
  }
  return Event::refused;
}

// RFC 9112 section 2.2: one CRLF before a request is ignored, as some clients send one behind a
// body. False: the next byte must tell.
bool RequestReader::pass_empty_line() {
  if (empty_line_passed_ || stage_ == Stage::head) return true;
  if (unparsed() == "\r") return false;
  if (!unparsed().starts_with("\r\n")) return true;
  begin_ += 2;
  empty_line_passed_ = true;
  return true;
}

RequestReader::Event RequestReader::next_head() {
  if (!pass_empty_line() || unparsed().empty()) return Event::need_more;
  std::string_view input = unparsed();
  stage_ = Stage::head;
  const auto length = search_.find(input);
  if (!length) {
    // Not HTTP at all (TLS, say): there may never be a line feed to wait for.
    if (!is_token_char(input.front())) return refuse({400, "malformed request line"});
    if (search_.bare_line_feed()) return refuse({400, "line feed without carriage return"});
    if (input.size() < limits_.bytes) return Event::need_more;
    if (!search_.past_first_line()) return refuse({414, "the URL is too long"});
    return refuse({431, "the header section is too large"});
  }
  if (capacity_ - begin_ - *length < chunk_window_bytes) {
    move_to(input.size() + chunk_window_bytes);
    input = unparsed();
  }
  if (const auto refused = scan_head(input.substr(0, *length), limits_, head_)) {
    return refuse(*refused);
  }
  begin_ += *length;
  head_end_ = begin_;
  stage_ = Stage::body;
  return Event::head;
}

void RequestReader::limit_body(std::size_t bytes) {
  body_left_ = head_.content_length.value_or(0);
  if (head_.chunked) {
    chunks_.restart(bytes);
  } else if (body_left_ > bytes) {
    refuse({413, "the body is too large"});
  } else if (body_left_ <= end_ - begin_) {
    complete({buffer_.get() + begin_, static_cast<std::size_t>(body_left_)});
    begin_ += static_cast<std::size_t>(body_left_);
  } else {
    body_.assign(unparsed());
    body_filled_ = body_.size();
    body_left_ -= body_filled_;
    begin_ = end_ = head_end_;
  }
}

bool RequestReader::body_is_missing() const {
  return stage_ == Stage::body && (!head_.chunked || begin_ == end_);
}

RequestReader::Event RequestReader::next_body() {
  if (body_left_ > 0) return Event::need_more;
  return complete({body_.data(), body_filled_});
}

RequestReader::Event RequestReader::next_chunks() {
  std::string_view input = unparsed();
  const auto refused = chunks_.feed(input, body_);
  begin_ = end_ - input.size();
  if (refused) return refuse(*refused);
  if (chunks_.done()) return complete(body_);
  begin_ = end_ = head_end_;
  return Event::need_more;
}

RequestReader::Event RequestReader::complete(std::string_view body) {
  body_view_ = body;
  stage_ = Stage::whole;
  return Event::request;
}

RequestReader::Event RequestReader::refuse(Refusal refusal) {
  refusal_ = refusal;
  stage_ = Stage::refused;
  return Event::refused;
}

void RequestReader::done() {
  stage_ = Stage::idle;
  empty_line_passed_ = false;
  search_ = {};
  body_view_ = {};
  if (body_.capacity() > kept_body_bytes) body_ = {};
  body_.clear();
  body_filled_ = 0;
}

}  // namespace callboard::http
