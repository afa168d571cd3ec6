#include "audience/user_info_routes.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

class UserInfo {
 public:
  UserInfo(const Applications& applications, Users& users)
      : applications_(applications), users_(users) {}

  http::Handler read(std::string (*user_of)(const Request&)) const;
  http::Handler write(void (UserInfo::*function)(const Request&, Responder) const) const;

  void replace_own(const Request& request, Responder responder) const;
  void merge_own(const Request& request, Responder responder) const;
  void replace(const Request& request, Responder responder) const;
  void merge(const Request& request, Responder responder) const;
  void merge_many(const Request& request, Responder responder) const;

 private:
  json::object uploaded(const Request& request) const;

  const Applications& applications_;
  Users& users_;
};

std::string caller_of(const Request& request) {
  return std::string(request.caller.user_id);
}

std::string user_in_path(const Request& request) {
  std::string user_id = request.parameter(0);
  require_user_id(user_id);
  return user_id;
}

}  // namespace

http::Routes user_info_routes(const Applications& applications, Users& users) {
  const UserInfo info(applications, users);
  constexpr auto own = "/bp/user/info";
  constexpr auto of_user = "/bp/server/user/{user_id}/info";
  constexpr auto of_many = "/bp/server/users/info";
  const auto by_client = Access::client;
  const auto by_backend = Access::backend;
  return {
      {Method::get, own, by_client, Surface::app, info.read(caller_of)},
      {Method::put, own, by_client, Surface::app, info.write(&UserInfo::replace_own)},
      {Method::patch, own, by_client, Surface::app, info.write(&UserInfo::merge_own)},
      {Method::get, of_user, by_backend, Surface::app, info.read(user_in_path)},
      {Method::put, of_user, by_backend, Surface::app, info.write(&UserInfo::replace)},
      {Method::patch, of_user, by_backend, Surface::app, info.write(&UserInfo::merge)},
      {Method::put, of_many, by_backend, Surface::app, info.write(&UserInfo::merge_many)},
  };
}

namespace {

void write_info(const User& user, Response& response) {
  response.body.assign(R"({"attributes":)").append(user.attributes_json()).append("}");
}

UserChanges user_changes(const json::value& entry, const std::string& pointer,
                         const AppSettings& settings) {
  JsonReader reader(entry, pointer);
  reader.require("user_id");
  const auto user_id = reader.string("user_id");
  const json::value* attributes = reader.require("attributes");
  reader.finish();
  require_user_id(*user_id, pointer + "/user_id");
  const std::string place = pointer + "/attributes";
  UserChanges user{*user_id, checked_attributes(*attributes, place)};
  require_declared(user.changes, settings, place);
  return user;
}

std::vector<UserChanges> many_changes_in(const Request& request, const AppSettings& settings) {
  const json::value body = parse_json(request.body);
  const json::array* entries = body.if_array();
  if (entries == nullptr) throw invalid_at("", "must be an array of users");
  if (entries->size() > max_users_at_once) {
    throw invalid_at("", "has more than " + std::to_string(max_users_at_once) + " users");
  }
  std::vector<UserChanges> users;
  for (const json::value& entry : *entries) {
    users.push_back(user_changes(entry, "/" + std::to_string(users.size()), settings));
  }
  return users;
}

void refuse_server_only(const json::object& attributes, const AppSettings& settings) {
  for (const auto& [name, value] : attributes) {
    if (!settings.is_server_only(name)) continue;
    const std::string message = "attribute " + std::string(name) + " is not a client's to write";
    throw Error(ErrorCode::forbidden, message)
        .with_detail("/attributes/" + escape_pointer(name), message);
  }
}

// A completion must be copyable, and a responder is not.
Users::Done answer_with_user(Responder responder) {
  return [responder = std::make_shared<Responder>(std::move(responder))](
             std::exception_ptr error, const std::shared_ptr<const User>& user) {
    if (error) return responder->fail(error);
    Response response;
    write_info(*user, response);
    responder->send(std::move(response));
  };
}

http::Handler UserInfo::read(std::string (*user_of)(const Request&)) const {
  http::Handler handler =
      http::blocking([users = &users_, user_of](const Request& request) -> Response {
        Response response;
        write_info(*users->load(request.caller.app_id, user_of(request)), response);
        return response;
      });
  handler.from_memory = [users = &users_, user_of](const Request& request, Response& response) {
    const auto user = users->cached(request.caller.app_id, user_of(request));
    if (user != nullptr) write_info(*user, response);
    return user != nullptr;
  };
  return handler;
}

http::Handler UserInfo::write(void (UserInfo::*function)(const Request&, Responder) const) const {
  return http::deferred([info = *this, function](const Request& request, Responder responder) {
    (info.*function)(request, std::move(responder));
  });
}

// By a backend, which may write every attribute.
json::object UserInfo::uploaded(const Request& request) const {
  return attributes_in_body(request.body, applications_.require(request.caller.app_id)->settings);
}

void UserInfo::replace_own(const Request& request, Responder responder) const {
  const auto application = applications_.require(request.caller.app_id);
  json::object attributes = attributes_in_body(request.body, application->settings);
  refuse_server_only(attributes, application->settings);
  users_.replace(std::string(request.caller.app_id), caller_of(request), std::move(attributes),
                 application->settings.server_only_attributes,
                 answer_with_user(std::move(responder)));
}

void UserInfo::merge_own(const Request& request, Responder responder) const {
  const auto application = applications_.require(request.caller.app_id);
  json::object changes = attributes_in_body(request.body, application->settings);
  refuse_server_only(changes, application->settings);
  users_.merge(std::string(request.caller.app_id), caller_of(request), std::move(changes),
               answer_with_user(std::move(responder)));
}

void UserInfo::replace(const Request& request, Responder responder) const {
  std::string user_id = user_in_path(request);
  users_.replace(std::string(request.caller.app_id), std::move(user_id), uploaded(request), {},
                 answer_with_user(std::move(responder)));
}

void UserInfo::merge(const Request& request, Responder responder) const {
  std::string user_id = user_in_path(request);
  users_.merge(std::string(request.caller.app_id), std::move(user_id), uploaded(request),
               answer_with_user(std::move(responder)));
}

void UserInfo::merge_many(const Request& request, Responder responder) const {
  std::vector<UserChanges> changes =
      many_changes_in(request, applications_.require(request.caller.app_id)->settings);
  const std::size_t count = changes.size();
  users_.merge_all(
      std::string(request.caller.app_id), std::move(changes),
      [count,
       responder = std::make_shared<Responder>(std::move(responder))](std::exception_ptr error) {
        if (error) return responder->fail(error);
        responder->send(http::json_response(R"({"users":)" + std::to_string(count) + "}"));
      });
}

}  // namespace
}  // namespace callboard::audience
