#pragma once

// A board: all enabled bulletins of one application, compiled, as one immutable value. It holds the
// expressions (one matcher for all conditions), the data (each bulletin's JSON, written out once)
// and the windows, so that the next moment at which an answer can change by itself is known.
//
// Shared by any number of threads; replaced as a whole, never changed.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "bulletins/bulletin_store.hpp"
#include "bulletins/served_counts.hpp"
#include "conditions/condition.hpp"
#include "conditions/matcher.hpp"

namespace callboard::bulletins {

// One bulletin, compiled. Kept from board to board for as long as its revision stays the same.
struct Post {
  std::int64_t id = 0;
  std::int64_t revision = 0;
  std::int64_t start_unix_s = 0;
  std::int64_t end_unix_s = 0;
  std::string category;
  std::string fragment;  // {"name":...,"category":...,"body":...,"id":...,"priority":...}
  conditions::Condition condition;
  std::shared_ptr<const ServedCounter> served;  // in how many answers it has been
};
using PostPointer = std::shared_ptr<const Post>;

class Board {
 public:
  // `posts` in the order of an answer. `providers` supply the conditions' variables and must
  // outlive the board. May block.
  Board(std::string_view app_id, std::int64_t revision, std::vector<PostPointer> posts,
        const audience::DataProviders& providers);

  std::int64_t revision() const { return revision_; }
  // Differs between any two boards of this process.
  std::uint64_t serial() const { return serial_; }
  const std::vector<PostPointer>& posts() const { return posts_; }
  // Counts that the posts at these places were served.
  void count_served(std::span<const std::uint32_t> places) const {
    for (const std::uint32_t place : places) served_[place].add();
  }
  const conditions::Matcher& matcher() const { return matcher_; }
  const audience::Binding& binding() const { return binding_; }
  // The first instant after `now` at which a window opens or closes, or a comparison of the
  // variable `now` turns; Timestamp::max() if there is none.
  Timestamp next_edge_after(Timestamp now) const;

 private:
  std::int64_t revision_;
  std::uint64_t serial_;
  std::vector<PostPointer> posts_;
  std::vector<ServedCounter> served_;  // of each post, side by side
  conditions::Matcher matcher_;
  audience::Binding binding_;
  std::vector<std::int64_t> edges_unix_s_;  // sorted, each once
};

// Compiles what the database holds. Posts of `previous` (may be null) that did not change are taken
// over. A row whose condition does not parse, which can only come from outside, is left out and
// counted in `bad_rows`.
struct CompiledPosts {
  std::vector<PostPointer> posts;
  std::size_t bad_rows = 0;
};
CompiledPosts compile(std::string_view app_id, const std::vector<StoredRow>& rows,
                      const Board* previous, ServedCounts& counts);

}  // namespace callboard::bulletins
