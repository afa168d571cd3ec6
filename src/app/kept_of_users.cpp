#include "app/kept_of_users.hpp"

#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "events/events.hpp"
#include "quizzes/quizzes.hpp"
#include "reminders/reminders.hpp"

namespace callboard::app {
namespace {

std::vector<audience::KeptElsewhere> kept_by_each(const identity::Trust& trust,
                                                  const events::EventWatcher& watcher) {
  return {
      {identity::show_sessions,
       [&trust](db::Transaction& transaction, std::string_view app_id, std::string_view user_id) {
         return identity::erase_sessions(transaction, trust, app_id, user_id);
       }},
      {identity::show_line_account, identity::erase_line_account},
      {events::show_subscriptions,
       [&watcher](db::Transaction& transaction, std::string_view app_id, std::string_view user_id) {
         return events::erase_subscriptions(transaction, watcher, app_id, user_id);
       }},
      {reminders::show_sends, reminders::erase_sends},
      {quizzes::show_quiz_results, quizzes::erase_quiz_results},
  };
}

}  // namespace

audience::KeptElsewhere kept_of_users(const identity::Trust& trust,
                                      const events::EventWatcher& watcher) {
  const auto kept = kept_by_each(trust, watcher);
  return {
      .show =
          [kept](db::Transaction& transaction, std::string_view app_id, std::string_view user_id) {
            boost::json::object all;
            for (const auto& each : kept) {
              const auto members = each.show(transaction, app_id, user_id);
              all.insert(members.begin(), members.end());
            }
            return all;
          },
      .erase =
          [kept](db::Transaction& transaction, std::string_view app_id, std::string_view user_id) {
            bool was_there = false;
            for (const auto& each : kept) was_there |= each.erase(transaction, app_id, user_id);
            return was_there;
          }};
}

}  // namespace callboard::app
