#include "audience/settings_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "audience/application_store.hpp"
#include "audience/attributes.hpp"
#include "audience/audit_log.hpp"
#include "audience/operator_write.hpp"
#include "audience/seen_attributes.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
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

// What a change makes of the settings that are stored.
using Change = std::function<AppSettings(AppSettings)>;

struct SettingsCalls {
  db::Database& database;
  const Clock& clock;
  const Applications& applications;
  const DataProviders& data_providers;
  const SecretBox secrets;
  const SettingsChanged changed;

  Response settings(const Request& request) const;
  void change_settings(const Request& request, Responder responder) const;
  Response providers(const Request& request) const;
  Response variables(const Request& request) const;
  void declare(const Request& request, Responder responder) const;
  void withdraw(const Request& request, Responder responder) const;

 private:
  using Shown = std::function<json::object(const AppSettings&)>;
  void write(const Request& request, AuditEntry entry, Change change, Shown shown,
             Responder responder) const;
};

}  // namespace

http::Routes settings_routes(db::Database& database, const Clock& clock,
                             const Applications& applications, const DataProviders& providers,
                             const SecretBox& secrets, SettingsChanged changed) {
  using Calls = SettingsCalls;
  const http::Calls call(
      Calls{database, clock, applications, providers, secrets, std::move(changed)});
  const std::string app = "/api/workspace/{workspace_id}/application/{app_id}";
  const std::string variable = app + "/variables/{name}";
  constexpr auto surface = Surface::console;
  return {
      {Method::get, app + "/settings", Access::viewer, surface, call(&Calls::settings)},
      {Method::patch, app + "/settings", Access::admin, surface, call(&Calls::change_settings)},
      {Method::get, app + "/providers", Access::viewer, surface, call(&Calls::providers)},
      {Method::get, app + "/variables", Access::viewer, surface, call(&Calls::variables)},
      {Method::put, variable, Access::admin, surface, call(&Calls::declare)},
      {Method::delete_, variable, Access::admin, surface, call(&Calls::withdraw)},
  };
}

namespace {

std::shared_ptr<const Application> application_in_path(const Request& request,
                                                       const Applications& applications) {
  auto application = applications.get(request.parameter(1));
  require_in_workspace(application.get(), request.parameter(0));
  return application;
}

Response SettingsCalls::settings(const Request& request) const {
  const auto application = application_in_path(request, applications);
  return http::json_response(json::serialize(to_json(application->settings)));
}

// Answers with what `shown` makes of the changed settings.
void SettingsCalls::write(const Request& request, AuditEntry entry, Change change, Shown shown,
                          Responder responder) const {
  answer_after_write(
      database, std::move(responder),
      [change = std::move(change), shown = std::move(shown), follow = changed,
       workspace_id = request.parameter(0), app_id = request.parameter(1), entry = std::move(entry),
       now = clock.now()](db::Transaction& transaction) mutable {
        lock_settings(transaction, app_id);
        const auto application = find_application(transaction, app_id);
        require_in_workspace(application ? &*application : nullptr, workspace_id);
        const AppSettings settings = change(application->settings);
        if (settings.hosts != application->settings.hosts) {
          claim_hosts(transaction, app_id, settings.hosts);
        }
        update_settings(transaction, app_id, settings, now);
        if (follow) follow(transaction, *application, settings);
        entry.before = json::serialize(shown(application->settings));
        entry.after = json::serialize(shown(settings));
        record(transaction, entry, now);
        return http::json_response(entry.after);
      });
}

void SettingsCalls::change_settings(const Request& request, Responder responder) const {
  const SealSecret seal = [seal_for = secrets.seal, app_id = request.parameter(1)](
                              std::string_view place, std::string_view secret) {
    return seal_for(app_id + "/" + std::string(place), secret);
  };
  const Change change = [changes = parse_json(request.body), seal](AppSettings settings) {
    return changed_settings(std::move(settings), changes, seal);
  };
  write(
      request, audit_entry(request, "settings.update", "application/" + request.parameter(1)),
      change, [](const AppSettings& settings) { return to_json(settings); }, std::move(responder));
}

Response SettingsCalls::providers(const Request& request) const {
  const auto application = application_in_path(request, applications);
  return http::json_response(
      json::serialize(json::object{{"providers", to_json(application->settings.providers)}}));
}

Response SettingsCalls::variables(const Request& request) const {
  const auto application = application_in_path(request, applications);
  json::array listed;
  std::set<std::string> names;
  const auto list = [&](const Variable& variable, std::string_view provider) {
    if (!names.insert(variable.name).second) return;
    json::object each = to_json(variable);
    each["provider"] = provider;
    listed.push_back(std::move(each));
  };
  for (const auto& [variable, provider, place] : data_providers.declared(application->app_id)) {
    list(variable, provider->name());
  }
  if (application->settings.undeclared_attributes) {
    const auto seen = database.get([&](db::Transaction& transaction) {
      return seen_attributes(transaction, application->app_id);
    });
    for (const Variable& variable : seen) list(variable, "attributes");
  }
  return http::json_response(json::serialize(json::object{{"variables", std::move(listed)}}));
}

std::string name_in_path(const Request& request) {
  std::string name = request.parameter(2);
  if (!is_attribute_name(name)) throw Error(ErrorCode::invalid, "name can't be an attribute's");
  if (is_reserved_name(name)) throw Error(ErrorCode::invalid, "name is a built-in variable's");
  return name;
}

// The declaration of one attribute, as far as there is one.
auto declaration_of(std::string name) {
  return [name = std::move(name)](const AppSettings& settings) {
    const Variable* variable = settings.declared(name);
    return variable == nullptr ? json::object{{"name", name}} : to_json(*variable);
  };
}

void SettingsCalls::declare(const Request& request, Responder responder) const {
  Variable variable;
  variable.name = name_in_path(request);
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  read_type_and_description(reader, variable);
  reader.finish();
  const Change change = [variable](AppSettings settings) {
    std::erase_if(settings.attributes, [&](const Variable& v) { return v.name == variable.name; });
    if (settings.attributes.size() >= max_declared_attributes) {
      throw Error(ErrorCode::conflict, "an application declares at most 500 attributes");
    }
    settings.attributes.push_back(variable);
    std::ranges::sort(settings.attributes, {}, &Variable::name);
    return settings;
  };
  write(request, audit_entry(request, "variable.declare", "variable/" + variable.name), change,
        declaration_of(variable.name), std::move(responder));
}

void SettingsCalls::withdraw(const Request& request, Responder responder) const {
  const std::string name = name_in_path(request);
  const Change change = [name](AppSettings settings) {
    const auto erased =
        std::erase_if(settings.attributes, [&](const Variable& v) { return v.name == name; });
    if (erased == 0) throw Error(ErrorCode::not_found, "there is no such declaration");
    return settings;
  };
  write(request, audit_entry(request, "variable.withdraw", "variable/" + name), change,
        declaration_of(name), std::move(responder));
}

}  // namespace
}  // namespace callboard::audience
