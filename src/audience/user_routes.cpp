#include "audience/user_routes.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "audience/attributes.hpp"
#include "audience/audit_log.hpp"
#include "audience/operator_write.hpp"
#include "audience/user_store.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
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

struct UserCalls {
  db::Database& database;
  const Clock& clock;
  const Applications& applications;
  KeptElsewhere elsewhere;

  Response list(const Request& request) const;
  Response get(const Request& request) const;
  Response export_one(const Request& request) const;
  Response export_all(const Request& request) const;
  void replace(const Request& request, Responder responder) const;
  void merge(const Request& request, Responder responder) const;
  void erase(const Request& request, Responder responder) const;

 private:
  using Change = std::function<User(db::Transaction&, const json::object& attributes)>;
  void write(const Request& request, Change change, bool replaces, Responder responder) const;
};

}  // namespace

http::Routes user_routes(db::Database& database, const Clock& clock,
                         const Applications& applications, KeptElsewhere elsewhere) {
  using Calls = UserCalls;
  const http::Calls call(Calls{database, clock, applications, std::move(elsewhere)});
  const std::string app = "/api/workspace/{workspace_id}/application/{app_id}";
  const std::string one = app + "/users/{user_id}";
  constexpr auto surface = Surface::console;
  return {
      {Method::get, app + "/users", Access::viewer, surface, call(&Calls::list)},
      {Method::get, app + "/export/users", Access::admin, surface, call(&Calls::export_all)},
      {Method::get, one, Access::viewer, surface, call(&Calls::get)},
      {Method::get, one + "/export", Access::admin, surface, call(&Calls::export_one)},
      {Method::put, one, Access::editor, surface, call(&Calls::replace)},
      {Method::patch, one, Access::editor, surface, call(&Calls::merge)},
      {Method::delete_, one, Access::admin, surface, call(&Calls::erase)},
  };
}

namespace {

std::string user_in_path(const Request& request) {
  std::string user_id = request.parameter(2);
  require_user_id(user_id);
  return user_id;
}

[[noreturn]] void refuse_unknown() {
  throw Error(ErrorCode::not_found, "there is no such user");
}

// Without the closing brace.
void append_user(std::string& out, const UserRecord& user) {
  out += "{\"user_id\":";
  append_json_string(out, user.user_id);
  out += ",\"registered_at\":\"" + rfc3339(user.registered_at);
  out += "\",\"updated_at\":\"" + rfc3339(user.updated_at);
  out += "\",\"attributes\":" + user.attributes;
}

std::string id_part(const Request& request, const char* name) {
  std::string text = request.query_value(name).value_or("");
  if (text.empty() || is_user_id(text)) return text;
  throw Error(ErrorCode::invalid, std::string(name) + " can't be of a user id");
}

std::size_t size_in(const Request& request, const char* name, std::size_t most,
                    std::size_t otherwise) {
  const auto text = request.query_value(name);
  if (!text) return otherwise;
  std::size_t size = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), size);
  if (failure == std::errc{} && end == text->data() + text->size() && size >= 1 && size <= most) {
    return size;
  }
  throw Error(ErrorCode::invalid,
              std::string(name) + " must be a whole number from 1 to " + std::to_string(most));
}

Response UserCalls::list(const Request& request) const {
  const std::size_t size = size_in(request, "size", max_users_listed, default_users_listed);
  // One more tells whether there is a next page.
  const UserPage page{id_part(request, "q"), id_part(request, "after"),
                      static_cast<std::int64_t>(size) + 1};
  std::string body = "{\"users\":[";
  std::string last;
  std::size_t count = 0;
  database.read([&](db::Transaction& transaction) {
    list_users(transaction, request.caller.app_id, page, [&](const UserRecord& user) {
      if (++count > size) return;
      if (count > 1) body += ',';
      append_user(body, user);
      body += '}';
      last = user.user_id;
    });
  });
  body += "],\"next\":";
  if (count > size)
    append_json_string(body, last);
  else
    body += "null";
  return http::json_response(body + "}");
}

Response UserCalls::get(const Request& request) const {
  const auto user = database.get([&](db::Transaction& transaction) {
    return find_record(transaction, request.caller.app_id, user_in_path(request));
  });
  if (!user) refuse_unknown();
  std::string body;
  append_user(body, *user);
  return http::json_response(body + "}");
}

Response UserCalls::export_one(const Request& request) const {
  const std::string user_id = user_in_path(request);
  std::optional<UserRecord> user;
  json::object rest;
  database.read([&](db::Transaction& transaction) {
    user = find_record(transaction, request.caller.app_id, user_id);
    rest = elsewhere.show(transaction, request.caller.app_id, user_id);
  });
  if (!user && rest.empty()) refuse_unknown();
  json::object all{{"user_id", user_id}};
  if (user) {
    all["registered_at"] = rfc3339(user->registered_at);
    all["updated_at"] = rfc3339(user->updated_at);
    all["attributes"] = parse_json(user->attributes);
  }
  for (auto& [name, value] : rest) all[name] = std::move(value);
  Response response = http::json_response(to_json_text(all));
  response.header("Content-Disposition", "attachment; filename=\"user.json\"");
  return response;
}

// A page of JSON lines, bounded in users and bytes.
Response UserCalls::export_all(const Request& request) const {
  const std::size_t size = size_in(request, "size", max_users_exported, max_users_exported);
  const UserPage page{"", id_part(request, "after"), static_cast<std::int64_t>(size) + 1};
  Response response;
  std::string last;
  std::size_t count = 0;
  bool is_full = false;
  database.read([&](db::Transaction& transaction) {
    list_users(transaction, request.caller.app_id, page, [&](const UserRecord& user) {
      is_full = is_full || count == size || response.body.size() >= max_exported_bytes;
      if (is_full) return;
      append_user(response.body, user);
      response.body += "}\n";
      last = user.user_id;
      ++count;
    });
  });
  response.content_type("application/x-ndjson");
  if (is_full) response.header("X-Next-After", last);
  return response;
}

json::array names_of(const json::object& attributes, bool null) {
  json::array names;
  for (const auto& [name, value] : attributes) {
    if (value.is_null() == null) names.emplace_back(name);
  }
  return names;
}

void UserCalls::write(const Request& request, Change change, bool replaces,
                      Responder responder) const {
  const auto application = applications.require(request.caller.app_id);
  const std::string user_id = user_in_path(request);
  json::object attributes = attributes_in_body(request.body, application->settings);
  AuditEntry entry =
      audit_entry(request, replaces ? "user.replace" : "user.update", "user/" + user_id);
  entry.after = json::serialize(
      json::object{{"set", names_of(attributes, false)}, {"removed", names_of(attributes, true)}});
  answer_after_write(database, std::move(responder),
                     [change = std::move(change), attributes = std::move(attributes), user_id,
                      entry = std::move(entry), now = clock.now()](db::Transaction& transaction) {
                       change(transaction, attributes);
                       record(transaction, entry, now);
                       std::string body;
                       append_user(body, find_record(transaction, entry.app_id, user_id).value());
                       return http::json_response(body + "}");
                     });
}

void UserCalls::replace(const Request& request, Responder responder) const {
  const Change change = [app_id = std::string(request.caller.app_id),
                         user_id = user_in_path(request),
                         now = clock.now()](db::Transaction& transaction, const json::object& all) {
    return replace_attributes(transaction, app_id, user_id, all, {}, now);
  };
  write(request, change, true, std::move(responder));
}

void UserCalls::merge(const Request& request, Responder responder) const {
  const Change change = [app_id = std::string(request.caller.app_id),
                         user_id = user_in_path(request), now = clock.now()](
                            db::Transaction& transaction, const json::object& changes) {
    return merge_attributes(transaction, app_id, user_id, changes, "/attributes", now);
  };
  write(request, change, false, std::move(responder));
}

void UserCalls::erase(const Request& request, Responder responder) const {
  const std::string user_id = user_in_path(request);
  answer_after_write(database, std::move(responder),
                     [also = elsewhere.erase, user_id,
                      entry = audit_entry(request, "user.erase", "user/" + user_id),
                      now = clock.now()](db::Transaction& transaction) {
                       const bool had_more = also(transaction, entry.app_id, user_id);
                       if (!erase_user(transaction, entry.app_id, user_id) && !had_more)
                         refuse_unknown();
                       record(transaction, entry, now);
                       std::string body = "{\"user_id\":";
                       append_json_string(body, user_id);
                       return http::json_response(body + "}");
                     });
}

}  // namespace
}  // namespace callboard::audience
