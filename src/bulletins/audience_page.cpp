#include "bulletins/audience_page.hpp"

#include <span>

namespace callboard::bulletins {

AudienceReader::AudienceReader(const audience::DataProviders& providers, std::string_view app_id,
                               const conditions::Condition& condition, Timestamp now)
    : app_id_(app_id),
      matcher_(std::span(&condition, 1)),
      variables_(providers, app_id, matcher_.variables(), now) {}

bool AudienceReader::matches(const audience::StoredUser& user) {
  matched_.clear();
  matcher_.match(variables_.of(user), scratch_, matched_);
  return !matched_.empty();
}

AudiencePage AudienceReader::page(db::Transaction& transaction, std::string_view above,
                                  std::size_t most) {
  AudiencePage page;
  std::int64_t seen = 0;
  bool is_full = false;
  scan_users(transaction, app_id_, above, audience::after_all_users, audience::Direction::ascending,
             users_of_a_page, [&](const audience::StoredUser& user) {
               ++seen;
               if (is_full) return;
               page.last = user.user_id;
               if (matches(user)) page.users.emplace_back(user.user_id);
               is_full = page.users.size() == most;
             });
  page.is_last = !is_full && seen < users_of_a_page;
  return page;
}

}  // namespace callboard::bulletins
