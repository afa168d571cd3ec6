#include "bulletins/answer.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace callboard::bulletins {
namespace {

bool is_wanted(const Post& post, std::int64_t now_s, std::span<const std::string> categories) {
  return window_holds(post.start_unix_s, post.end_unix_s, now_s) &&
         (categories.empty() || std::ranges::find(categories, post.category) != categories.end());
}

}  // namespace

void Answerer::answer(const Board& board, std::span<const conditions::Value* const> values,
                      Timestamp now, std::span<const std::string> categories, Answer& out) {
  const std::int64_t now_s = unix_seconds(now);
  matched_.clear();
  board.matcher().match(values, scratch_, matched_);
  std::erase_if(matched_, [&](std::uint32_t ordinal) {
    return !is_wanted(*board.posts()[ordinal], now_s, categories);
  });
  out.posts_ = matched_;
  identity_.clear();
  for (const std::uint32_t ordinal : matched_) {
    const Post& post = *board.posts()[ordinal];
    identity_.push_back(post.id);
    identity_.push_back(post.revision);
  }
  write_head(board.revision(),
             XXH3_64bits(identity_.data(), identity_.size() * sizeof(identity_[0])), out);
  out.text_ += "{\"bulletin_board\":[";
  std::string_view separator;
  for (const std::uint32_t ordinal : matched_) {
    out.text_.append(std::exchange(separator, ",")).append(board.posts()[ordinal]->fragment);
  }
  out.text_ += "]}";
}

void Answerer::write_head(std::int64_t revision, std::uint64_t hash, Answer& out) {
  static constexpr std::size_t etag_size = std::string_view("W/\"0123456789abcdef\"").size();
  out.text_.clear();
  auto end =
      fmt::format_to(std::back_inserter(out.text_), "X-Board-Revision: {}\r\nETag: ", revision);
  out.etag_ = {out.text_.size(), etag_size};
  fmt::format_to(end, "W/\"{:016x}\"\r\nCache-Control: private, no-cache\r\n", hash);
  out.body_at_ = out.text_.size();
}

}  // namespace callboard::bulletins
