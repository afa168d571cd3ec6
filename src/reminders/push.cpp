#include "reminders/push.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json_reader.hpp"
#include "base/random.hpp"
#include "events/events.hpp"
#include "line/message_limits.hpp"
#include "line/message_template.hpp"
#include "reminders/send_store.hpp"

namespace callboard::reminders {
namespace {

namespace json = boost::json;

constexpr std::string_view text_template = R"({"text":"{{name}}\n{{description}}"})";
constexpr std::int64_t seconds_to_ms = 1'000;

std::string messages_of(const bulletins::Bulletin& bulletin, const std::string& own) {
  const std::string& given = own.empty() ? std::string(text_template) : own;
  return line::render(line::parse_template_text(given),
                      {{"name", bulletin.name}, {"description", bulletin.body}});
}

void refuse_second(db::Transaction& transaction, std::string_view app_id,
                   std::string_view bulletin_id) {
  const auto live = transaction.first(
      "SELECT 1 FROM sends WHERE app_id = $1 AND kind = 'bulletin' AND subject_id = $2"
      " AND state IN ('scheduled', 'held', 'paging', 'sending')",
      {app_id, bulletin_id}, [](const db::Row&) { return true; });
  if (live) throw Error(ErrorCode::conflict, "a push of this bulletin is under way");
}

}  // namespace

PushRequest push_request_from_json(const json::value& body) {
  PushRequest request;
  JsonReader reader(body);
  if (const auto at = reader.string("at")) {
    request.at = events::parse_event_time(*at, events::Zone("UTC"));
    if (!request.at) reader.refuse("at", std::string(events::event_time_rule));
  }
  if (const json::value* given = reader.find("message_template"); given && !given->is_null()) {
    line::parse_template(*given, "/message_template");
    request.message_template = json::serialize(*given);
  }
  reader.finish();
  return request;
}

Send push(db::Transaction& transaction, std::string_view app_id,
          const bulletins::Bulletin& bulletin, const PushRequest& request, Timestamp now) {
  Send send;
  send.id = random_id();
  send.app_id = app_id;
  send.kind = SendKind::bulletin;
  send.subject_id = std::to_string(bulletin.id);
  send.subject_made_at = bulletin.created_at;
  send.version = bulletin.revision;
  send.messages = messages_of(bulletin, request.message_template);
  send.due_at = std::max(request.at.value_or(now), now);
  send.end_before = send.due_at + max_push_time;
  if (bulletin.end_unix_s != 0) {
    send.end_before =
        std::min(send.end_before, timestamp_from_ms(bulletin.end_unix_s * seconds_to_ms));
  }
  send.begin_before = send.end_before;
  const bool has_begun = timestamp_from_ms(bulletin.start_unix_s * seconds_to_ms) <= send.due_at;
  if (!bulletin.enabled || !has_begun || send.end_before <= send.due_at) {
    throw Error(ErrorCode::unprocessable, "the bulletin is not shown to anybody then");
  }
  refuse_second(transaction, app_id, send.subject_id);
  insert_send(transaction, send, now);
  send.created_at = now;
  return send;
}

std::optional<bulletins::Bulletin> find_pushed(db::Transaction& transaction, const Send& send) {
  auto bulletin = bulletins::find(transaction, send.app_id, std::stoll(send.subject_id));
  if (!bulletin || !bulletin->enabled) return std::nullopt;
  return bulletin;
}

bulletins::AudienceReader audience_of(const bulletins::Bulletin& bulletin, std::string_view app_id,
                                      const audience::DataProviders& providers, Timestamp now) {
  return {providers, app_id, conditions::parse(bulletin.condition).value(), now};
}

std::int64_t count_audience(db::Database& database, const Send& send,
                            const audience::DataProviders& providers, const Clock& clock) {
  const auto bulletin =
      database.get([&](db::Transaction& transaction) { return find_pushed(transaction, send); });
  if (!bulletin) return 0;
  auto reader = audience_of(*bulletin, send.app_id, providers, clock.now());
  std::int64_t count = 0;
  bulletins::AudiencePage page;
  while (!page.is_last) {
    page = database.get([&](db::Transaction& transaction) {
      return reader.page(transaction, page.last, bulletins::users_of_a_page);
    });
    count += std::ranges::count_if(page.users, line::is_line_user_id);
  }
  return count;
}

}  // namespace callboard::reminders
