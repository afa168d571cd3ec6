#include "app/demo/fill.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "audience/audience.hpp"
#include "base/json.hpp"
#include "bulletins/bulletins.hpp"
#include "events/events.hpp"

namespace callboard::app {
namespace {

// Bodies as an operator would send them; the windows are open.
constexpr std::string_view bulletin_bodies[] = {
    R"({"bulletin_name":"Welcome to the bicycle festival","category":"news",
        "bulletin_body":"Gates open at 09:00. Bring a bell."})",
    R"({"bulletin_name":"Children's race","category":"races","priority":5,
        "bulletin_body":"Under 10? Meet us at the fountain at 11:00.",
        "bulletin_condition":{"logic":"&&","conditions":[
          {"variable":"age","logic":"<","target":10,"target_type":"number"}]}})",
    R"({"bulletin_name":"Please update the app","category":"app","priority":10,
        "bulletin_body":"Version 1.2.3 shows the new map.",
        "bulletin_condition":{"logic":"&&","conditions":[
          {"variable":"app_version","logic":"<","target":"1.2.3","target_type":"version"}]}})",
    R"({"bulletin_name":"Night ride for members","category":"races","priority":3,
        "bulletin_body":"Lights on: we start at the harbour at 21:00.",
        "bulletin_condition":{"logic":"&&","conditions":[
          {"variable":"age","logic":">=","target":18,"target_type":"number"},
          {"logic":"||","conditions":[
            {"variable":"vip","logic":"==","target":true,"target_type":"boolean"},
            {"variable":"tags","logic":"contains","target":"member","target_type":"string"}]}]}})",
    R"({"bulletin_name":"Tainan: free tune-up","category":"city","priority":1,
        "bulletin_body":"The workshop tent checks your brakes for nothing.",
        "bulletin_condition":{"logic":"&&","conditions":[
          {"variable":"city","logic":"in","target":["Tainan","Kaohsiung"],
           "target_type":"string"}]}})",
};

struct DemoUser {
  std::string_view user_id;
  std::string_view attributes;
};
constexpr DemoUser users[] = {
    {"alice", R"({"age":9,"city":"Tainan","vip":false})"},
    {"bob", R"({"age":34,"city":"Taipei","vip":true,"tags":["member","racer"]})"},
    {"carol", R"({"age":52,"city":"Kaohsiung","vip":false,"tags":["visitor"]})"},
};

// Events some time from now, so that there is always one soon.
struct DemoEvent {
  std::string_view id;
  std::chrono::minutes from_now, duration;
  std::string_view detail;
};
constexpr DemoEvent demo_events[] = {
    {"opening", std::chrono::minutes{45}, std::chrono::minutes{60},
     R"({"name":"Opening ride","location":"Main stage","activity":"Rides","project":"Together",
         "description":"Three slow kilometres with the band.","link":""})"},
    {"tune-up", std::chrono::hours{3}, std::chrono::hours{2},
     R"({"name":"Tune-up workshop","location":"Workshop tent","activity":"Workshops",
         "project":"Do it yourself","description":"Brakes, gears and a puncture.","link":""})"},
    {"bell-race", std::chrono::hours{26}, std::chrono::hours{1},
     R"({"name":"Bell race","location":"Fountain","activity":"Races","project":"Children",
         "description":"The loudest bell wins.","link":"https://example.org/bell-race"})"},
    {"night-ride", std::chrono::hours{30}, std::chrono::hours{2},
     R"({"name":"Night ride","location":"Harbour","activity":"Rides","project":"Together",
         "description":"Lights on, and no music after ten.","link":""})"},
    {"film", std::chrono::hours{54}, std::chrono::minutes{90},
     R"({"name":"Film: The Messenger","location":"Old gym","activity":"Evenings",
         "project":"Cinema","description":"With the director.","link":""})"},
};

audience::AuditEntry entry_by_command(db::Transaction& transaction, std::string action) {
  const auto application = audience::find_application(transaction, demo_app);
  return audience::command_entry(application ? application->workspace_id : "", demo_app,
                                 std::move(action), "");
}

void fill_board(db::Transaction& transaction, Timestamp now) {
  if (bulletins::board_revision(transaction, demo_app) > 0) return;
  bulletins::BoardChange board(transaction, entry_by_command(transaction, "bulletin.create"), now);
  for (const std::string_view body : bulletin_bodies) {
    board.create(bulletins::draft_from_json(parse_json(body), {}));
  }
  for (const DemoUser& user : users) {
    audience::replace_attributes(transaction, demo_app, user.user_id,
                                 parse_json(user.attributes).as_object(), {}, now);
  }
}

void fill_events(db::Transaction& transaction, const events::EventWatcher& watcher, Timestamp now) {
  if (events::count_events(transaction, demo_app) > 0) return;
  events::EventChanges changes(transaction, watcher, entry_by_command(transaction, "event.create"),
                               now);
  const auto minute = std::chrono::floor<std::chrono::minutes>(now);
  for (const DemoEvent& event : demo_events) {
    const Timestamp start = minute + event.from_now;
    const std::string detail = to_json_text(parse_json(event.detail));
    changes.create({std::string(event.id), {start, start + event.duration, detail}});
  }
}

}  // namespace

void fill_demo(db::Database& database, const events::EventWatcher& watcher, const Clock& clock) {
  database.write_and_wait([&](db::Transaction& transaction) {
    transaction.lock("demo");  // two nodes may start at once
    fill_board(transaction, clock.now());
    fill_events(transaction, watcher, clock.now());
  });
}

}  // namespace callboard::app
