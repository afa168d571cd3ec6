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
  const Applications& applications;
  const DataProviders& providers;
  OnCreated on_created;

  Response list(const Request& request) const;
  void create(const Request& request, Responder responder) const;
  void erase(const Request& request, Responder responder) const;
  Response settings(const Request& request) const;
  void change_settings(const Request& request, Responder responder) const;
  Response variables(const Request& request) const;
};

}  // namespace

http::Routes application_routes(db::Database& database, const Clock& clock,
                                const Applications& applications, const DataProviders& providers,
                                OnCreated on_created) {
  const http::Calls call(Console{database, clock, applications, providers, std::move(on_created)});
  const std::string all = "/api/workspace/{workspace_id}/application";
  const std::string one = all + "/{app_id}";
  constexpr auto surface = Surface::console;
  return {
      {Method::get, all, Access::viewer, surface, call(&Console::list)},
      {Method::post, all, Access::admin, surface, call(&Console::create)},
      {Method::delete_, one, Access::owner, surface, call(&Console::erase)},
      {Method::get, one + "/settings", Access::viewer, surface, call(&Console::settings)},
      {Method::patch, one + "/settings", Access::admin, surface, call(&Console::change_settings)},
      {Method::get, one + "/variables", Access::viewer, surface, call(&Console::variables)},
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

[[noreturn]] void refuse_unknown() {
  throw Error(ErrorCode::not_found, "there is no such application");
}

// An application of another workspace is as good as none.
void require_in_workspace(const Application* application, std::string_view workspace_id) {
  if (application == nullptr || application->workspace_id != workspace_id) refuse_unknown();
}

std::shared_ptr<const Application> application_in_path(const Request& request,
                                                       const Applications& applications) {
  auto application = applications.get(request.parameter(1));
  require_in_workspace(application.get(), request.parameter(0));
  return application;
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

Response Console::settings(const Request& request) const {
  const auto application = application_in_path(request, applications);
  return http::json_response(json::serialize(to_json(application->settings)));
}

void Console::change_settings(const Request& request, Responder responder) const {
  const std::string app_id = request.parameter(1);
  answer_after_write(database, std::move(responder),
                     [changes = parse_json(request.body), workspace_id = request.parameter(0),
                      app_id, entry = audit_entry(request, "settings.update", subject_of(app_id)),
                      now = clock.now()](db::Transaction& transaction) mutable {
                       const auto application = find_application(transaction, app_id);
                       require_in_workspace(application ? &*application : nullptr, workspace_id);
                       const AppSettings settings =
                           changed_settings(application->settings, changes);
                       update_settings(transaction, app_id, settings, now);
                       entry.before = json::serialize(to_json(application->settings));
                       entry.after = json::serialize(to_json(settings));
                       record(transaction, entry, now);
                       return http::json_response(entry.after);
                     });
}

Response Console::variables(const Request& request) const {
  const auto application = application_in_path(request, applications);
  json::array listed;
  for (const auto& [variable, provider, place] : providers.declared(application->app_id)) {
    listed.push_back({{"name", variable.name},
                      {"type", variable.type},
                      {"description", variable.description},
                      {"provider", std::string(provider->name())}});
  }
  return http::json_response(json::serialize(json::object{{"variables", std::move(listed)}}));
}

}  // namespace
}  // namespace callboard::audience
