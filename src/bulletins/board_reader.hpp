#pragma once

// "What is on the board for this user, now?", answered from memory where everything is there. Owned
// by app/; any thread. Each user's last answer is remembered, together with all that it followed
// from, until one of these changes or the next window edge comes.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/per_thread.hpp"
#include "bulletins/answer_memo.hpp"
#include "bulletins/boards.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace callboard::bulletins {

inline constexpr std::size_t default_answer_memo_bytes = std::size_t{16} << 20;  // of a thread
inline constexpr std::size_t max_category_filters = 100;                         // of one request

// The views must live until the answer is there.
struct Question {
  std::string_view app_id;
  std::string_view user_id;
  const http::Request* request = nullptr;               // its headers are context; never null
  std::span<const audience::Attribute> overrides = {};  // for this question only
  std::span<const std::string> categories = {};         // empty: all
};

class BoardReader {
 public:
  // `memo_bytes`: of each thread that answers from memory. 0: no answer is remembered.
  BoardReader(Boards& boards, audience::Users& users, const audience::DataProviders& providers,
              const Clock& clock, std::size_t memo_bytes);

  // On the I/O thread. False: something must be loaded; `response` is untouched. What it lends the
  // response is good until this thread's next call.
  bool answer_from_memory(const Question& question, http::Response& response);
  // Loads what is missing. Throws Error{unavailable}.
  void answer_blocking(const Question& question, http::Response& response);

 private:
  AnswerMemo& memo();

  Boards& boards_;
  audience::Users& users_;
  const audience::DataProviders& providers_;
  const Clock& clock_;
  const std::size_t memo_bytes_;
  PerThread<AnswerMemo> memos_;
};

}  // namespace callboard::bulletins
