#pragma once

// One thread's memory of what it answered: each user's last answer, ready to be sent, together with
// all that it followed from. Owned by the thread, through BoardReader. Bounded in bytes; when they
// are used up it starts afresh, because an answer costs only microseconds.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "bulletins/answer.hpp"
#include "cache/key.hpp"
#include "cache/near_table.hpp"

namespace callboard::bulletins {

// An answer follows from these and from the moment.
struct Basis {
  std::uint64_t board_serial = 0;
  std::uint64_t user_generation = 0;
  std::uint64_t request_fingerprint = 0;
  friend bool operator==(const Basis&, const Basis&) = default;
};

class AnswerMemo {
 public:
  static constexpr std::size_t typical_bytes = 2048;  // of an answer: how many places there are

  explicit AnswerMemo(std::size_t max_bytes);

  // Null: none that holds now. Good until remember().
  const Answer* find(cache::Key user, const Basis& basis, Timestamp now);
  // Holds in [from, until).
  void remember(cache::Key user, const Basis& basis, Timestamp from, Timestamp until,
                const Answer& answer);

 private:
  struct Remembered {
    Basis basis;
    Timestamp from{}, until{};
    std::string app_id, user_id;
    Answer answer;

    std::size_t bytes() const;
  };

  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  cache::NearTable<Remembered> table_;
};

}  // namespace callboard::bulletins
