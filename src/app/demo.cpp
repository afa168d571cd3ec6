#include "app/demo.hpp"

#include <boost/json.hpp>
#include <string_view>

#include "audience/audience.hpp"
#include "base/json.hpp"
#include "bulletins/bulletins.hpp"

namespace callboard::app {
namespace {

constexpr std::string_view demo_app = "demo";

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

}  // namespace

void fill_demo(db::Database& database, const Clock& clock) {
  database.write_and_wait([&](db::Transaction& transaction) {
    transaction.lock("demo");  // two nodes may start at once
    if (bulletins::board_revision(transaction, demo_app) > 0) return;
    const auto application = audience::find_application(transaction, demo_app);
    bulletins::BoardChange board(
        transaction,
        audience::command_entry(application ? application->workspace_id : "", demo_app,
                                "bulletin.create", ""),
        clock.now());
    for (const std::string_view body : bulletin_bodies) {
      board.create(bulletins::draft_from_json(parse_json(body), {}));
    }
    for (const DemoUser& user : users) {
      audience::replace_attributes(transaction, demo_app, user.user_id,
                                   parse_json(user.attributes).as_object(), {}, clock.now());
    }
  });
}

}  // namespace callboard::app
