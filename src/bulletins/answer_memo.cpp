#include "bulletins/answer_memo.hpp"

namespace callboard::bulletins {

AnswerMemo::AnswerMemo(std::size_t max_bytes)
    : max_bytes_(max_bytes), table_(max_bytes / typical_bytes) {}

const Answer* AnswerMemo::find(cache::Key user, const Basis& basis, Timestamp now) {
  const Remembered* known = table_.find(cache::hash_of(user), [&](const Remembered& remembered) {
    return remembered.app_id == user.scope && remembered.user_id == user.name;
  });
  const bool holds =
      known != nullptr && known->basis == basis && known->from <= now && now < known->until;
  return holds ? &known->answer : nullptr;
}

void AnswerMemo::remember(cache::Key user, const Basis& basis, Timestamp from, Timestamp until,
                          const Answer& answer) {
  Remembered made{basis, from, until, std::string(user.scope), std::string(user.name), answer};
  const std::size_t bytes = made.bytes();
  if (bytes > max_bytes_) return;
  if (bytes_ + bytes > max_bytes_) {
    table_ = cache::NearTable<Remembered>(max_bytes_ / typical_bytes);
    bytes_ = 0;
  }
  const std::uint64_t hash = cache::hash_of(user);
  Remembered* known = table_.find(hash, [&](const Remembered& remembered) {
    return remembered.app_id == user.scope && remembered.user_id == user.name;
  });
  Remembered& place = known != nullptr ? *known : table_.place(hash);
  bytes_ += bytes - place.bytes();
  place = std::move(made);
}

// What lies outside the table; nothing for an empty place.
std::size_t AnswerMemo::Remembered::bytes() const {
  return app_id.capacity() + user_id.capacity() + answer.bytes();
}

}  // namespace callboard::bulletins
