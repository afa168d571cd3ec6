#pragma once

// Whom a bulletin is for, a page of stored users at a time: those for whom its condition holds, as
// they are stored. What only a request or another server tells is missing, as in AudienceCounter.
// Used by one thread; `providers` outlives it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audience/audience.hpp"
#include "conditions/condition.hpp"
#include "conditions/matcher.hpp"
#include "db/database.hpp"

namespace callboard::bulletins {

// Users looked at for one page, at most.
inline constexpr std::int64_t users_of_a_page = 10'000;

struct AudiencePage {
  std::vector<std::string> users;  // in the order of their ids
  std::string last;                // the last one that was looked at; the next page is above it
  bool is_last = false;            // nobody is above it
};

class AudienceReader {
 public:
  AudienceReader(const audience::DataProviders& providers, std::string_view app_id,
                 const conditions::Condition& condition, Timestamp now);

  bool matches(const audience::StoredUser& user);
  // Those above that id, at most so many. A step of the caller's transaction.
  AudiencePage page(db::Transaction& transaction, std::string_view above, std::size_t most);

 private:
  const std::string app_id_;
  const conditions::Matcher matcher_;
  audience::StoredVariables variables_;
  conditions::Matcher::Scratch scratch_;
  std::vector<std::uint32_t> matched_;
};

}  // namespace callboard::bulletins
