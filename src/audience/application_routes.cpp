#include "audience/application_routes.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "audience/application_store.hpp"
#include "audience/audit_log.hpp"
#include "audience/operator_write.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/random.hpp"
#include "http/calls.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct Console {
  db::Database& database;
  const Clock& clock;
  OnCreated on_created;

  Response list(const Request& request) const;
  void create(const Request& request, Responder responder) const;
  void erase(const Request& request, Responder responder) const;
};

}  // namespace

http::Routes application_routes(db::Database& database, const Clock& clock, OnCreated on_created) {
  const http::Calls call(Console{database, clock, std::move(on_created)});
  const std::string all = "/api/workspace/{workspace_id}/application";
  constexpr auto surface = Surface::console;
  return {
      {Method::get, all, Access::viewer, surface, call(&Console::list)},
      {Method::post, all, Access::admin, surface, call(&Console::create)},
      {Method::delete_, all + "/{app_id}", Access::owner, surface, call(&Console::erase)},
  };
}

namespace {

json::object summary(const Application& application) {
  return {{"app_id", application.app_id},
          {"name", application.settings.name},
          {"created_at", rfc3339(application.created_at)}};
}

std::string subject_of(std::string_view app_id) {
  return "application/" + std::string(app_id);
}

Application application_in_body(const Request& request, Timestamp now) {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  const auto app_id = reader.string("app_id");
  if (app_id && !is_id(*app_id)) reader.refuse("app_id", "must be 1 to 64 of a-z 0-9 _ -");
  const json::value* name = reader.require("name");
  reader.finish();
  return {.app_id = app_id.value_or("app-" + random_id()),
          .workspace_id = request.parameter(0),
          .settings = changed_settings({}, json::object{{"name", *name}}),
          .created_at = now,
          .updated_at = now};
}

Response Console::list(const Request& request) const {
  const auto found = database.get([&](db::Transaction& transaction) {
    return list_applications(transaction, request.parameter(0));
  });
  json::array listed;
  for (const Application& application : found) listed.push_back(summary(application));
  return http::json_response(json::serialize(json::object{{"applications", std::move(listed)}}));
}

void Console::create(const Request& request, Responder responder) const {
  Application application = application_in_body(request, clock.now());
  AuditEntry entry = audit_entry(request, "application.create", subject_of(application.app_id));
  entry.app_id = application.app_id;
  entry.after = json::serialize(to_json(application.settings));
  answer_after_write(database, std::move(responder),
                     [application = std::move(application), entry = std::move(entry),
                      also = on_created](db::Transaction& transaction) {
                       create_application(transaction, application);
                       if (also) also(transaction, application.app_id);
                       record(transaction, entry, application.created_at);
                       return http::json_response(json::serialize(summary(application)));
                     });
}

void Console::erase(const Request& request, Responder responder) const {
  const std::string app_id = request.parameter(1);
  require_confirmation(request.body, app_id);
  answer_after_write(database, std::move(responder),
                     [workspace_id = request.parameter(0), app_id,
                      entry = audit_entry(request, "application.delete", subject_of(app_id)),
                      now = clock.now()](db::Transaction& transaction) mutable {
                       const auto application = find_application(transaction, app_id);
                       require_in_workspace(application ? &*application : nullptr, workspace_id);
                       entry.before = json::serialize(to_json(application->settings));
                       delete_application(transaction, app_id);
                       record(transaction, entry, now);
                       return http::json_response("{}");
                     });
}

}  // namespace
}  // namespace callboard::audience
