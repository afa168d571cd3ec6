#include "bulletins/answer.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <iterator>

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
  identity_.clear();
  out.body = "{\"bulletin_board\":[";
  for (const std::uint32_t ordinal : matched_) {
    const Post& post = *board.posts()[ordinal];
    if (!is_wanted(post, now_s, categories)) continue;
    if (!identity_.empty()) out.body += ',';
    out.body += post.fragment;
    identity_.push_back(post.id);
    identity_.push_back(post.revision);
  }
  out.body += "]}";
  const auto hash = XXH3_64bits(identity_.data(), identity_.size() * sizeof(identity_[0]));
  out.etag.clear();
  fmt::format_to(std::back_inserter(out.etag), "W/\"{:016x}\"", hash);
}

}  // namespace callboard::bulletins
