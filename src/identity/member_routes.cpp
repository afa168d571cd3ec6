#include "identity/member_routes.hpp"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "http/calls.hpp"
#include "identity/member.hpp"
#include "identity/member_shown.hpp"
#include "identity/one_time_link.hpp"
#include "identity/operator_input.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;

struct MemberCalls {
  db::Database& database;
  const OwnAddress& own_address;
  const Clock& clock;

  Response list(const Request& request) const;
  void change(const Request& request, Responder responder) const;
  void remove(const Request& request, Responder responder) const;
  void make_reset_link(const Request& request, Responder responder) const;
  Response invitations(const Request& request) const;
  void invite(const Request& request, Responder responder) const;
  void withdraw(const Request& request, Responder responder) const;
};

}  // namespace

http::Routes member_routes(db::Database& database, const OwnAddress& own_address,
                           const Clock& clock) {
  const http::Calls call(MemberCalls{database, own_address, clock});
  const std::string members = "/api/workspace/{workspace_id}/members";
  const std::string member = members + "/{member_id}";
  const std::string invitations = "/api/workspace/{workspace_id}/invitations";
  constexpr auto surface = http::Surface::console;
  return {
      {Method::get, members, Access::admin, surface, call(&MemberCalls::list)},
      {Method::patch, member, Access::admin, surface, call(&MemberCalls::change)},
      {Method::delete_, member, Access::admin, surface, call(&MemberCalls::remove)},
      {Method::post, member + "/reset_link", Access::admin, surface,
       call(&MemberCalls::make_reset_link)},
      {Method::get, invitations, Access::admin, surface, call(&MemberCalls::invitations)},
      {Method::post, invitations, Access::admin, surface, call(&MemberCalls::invite)},
      {Method::delete_, invitations + "/{invitation_id}", Access::admin, surface,
       call(&MemberCalls::withdraw)},
  };
}

namespace {

template <class Value>
json::array listed(const std::vector<Value>& values) {
  json::array array;
  for (const Value& value : values) array.push_back(to_json(value));
  return array;
}

std::string subject_of(std::string_view member_id) {
  return "member/" + std::string(member_id);
}

json::object shown_link(const IssuedLink& issued, const std::string& link) {
  return {
      {"link", link}, {"token", issued.secret}, {"expires_at", rfc3339(issued.link.expires_at)}};
}

Response not_stored(const json::object& body) {
  Response response = http::json_response(json::serialize(body));
  response.header("Cache-Control", "no-store");
  return response;
}

Response MemberCalls::list(const Request& request) const {
  const auto members = database.get([&](db::Transaction& transaction) {
    return list_members(transaction, request.caller.workspace_id);
  });
  return http::json_response(json::serialize(json::object{{"members", listed(members)}}));
}

// The member in the path as they stand in this workspace until the transaction ends, if the
// caller's role reaches theirs.
ListedMember member_in_reach(db::Transaction& transaction, const Request& request) {
  const std::string member_id = request.parameter(1);
  lock_membership(transaction, request.caller.workspace_id, member_id);
  const auto role = role_of(transaction, request.caller.workspace_id, member_id);
  const auto member = role ? find_member(transaction, member_id) : std::nullopt;
  if (!member) throw Error(ErrorCode::not_found, "there is no such member");
  require_within(request, *role);
  return {*member, *role};
}

void MemberCalls::change(const Request& request, Responder responder) const {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  const http::Role role = read_role(reader);
  reader.finish();
  require_within(request, role);
  audience::answer_after_write(
      database, std::move(responder),
      [&request, role, now = clock.now()](db::Transaction& transaction) {
        ListedMember member = member_in_reach(transaction, request);
        audience::AuditEntry entry =
            audience::audit_entry(request, "member.update", subject_of(member.member.member_id));
        entry.before = json::serialize(to_json(member));
        set_role(transaction, request.caller.workspace_id, member.member.member_id, role, now);
        member.role = role;
        entry.after = json::serialize(to_json(member));
        audience::record(transaction, entry, now);
        return http::json_response(entry.after);
      });
}

void MemberCalls::remove(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder), [&request, now = clock.now()](db::Transaction& transaction) {
        const ListedMember member = member_in_reach(transaction, request);
        audience::AuditEntry entry =
            audience::audit_entry(request, "member.remove", subject_of(member.member.member_id));
        entry.before = json::serialize(to_json(member));
        remove_from_workspace(transaction, request.caller.workspace_id, member.member.member_id);
        audience::record(transaction, entry, now);
        return http::json_response("{}");
      });
}

void MemberCalls::make_reset_link(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [this, &request, now = clock.now()](db::Transaction& transaction) {
        const ListedMember member = member_in_reach(transaction, request);
        // Whoever has the link can become the member, there too.
        if (memberships_of(transaction, member.member.member_id).size() > 1) {
          throw Error(ErrorCode::forbidden,
                      "this member is in other workspaces too: whoever runs the server can make "
                      "the link");
        }
        const IssuedLink issued = issue_reset(transaction, member.member.member_id,
                                              std::string(request.caller.actor), now);
        audience::record(transaction,
                         audience::audit_entry(request, "member.reset_link",
                                               subject_of(member.member.member_id)),
                         now);
        return not_stored(shown_link(issued, own_address.link(request, issued.secret)));
      });
}

Response MemberCalls::invitations(const Request& request) const {
  const auto invitations = database.get([&](db::Transaction& transaction) {
    return list_invitations(transaction, request.caller.workspace_id, clock.now());
  });
  return http::json_response(json::serialize(json::object{{"invitations", listed(invitations)}}));
}

OneTimeLink invitation_in(const Request& request) {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  reader.require("email");
  const auto text = reader.string("email");
  const auto email = text ? normal_email(*text) : std::nullopt;
  if (text && !email) reader.refuse("email", "must be an e-mail address");
  OneTimeLink invitation;
  invitation.role = read_role(reader);
  reader.finish();
  invitation.email = *email;
  invitation.workspace_id = request.caller.workspace_id;
  invitation.created_by = request.caller.actor;
  return invitation;
}

void MemberCalls::invite(const Request& request, Responder responder) const {
  OneTimeLink invitation = invitation_in(request);
  require_within(request, invitation.role);
  audience::answer_after_write(
      database, std::move(responder),
      [this, &request, invitation = std::move(invitation),
       now = clock.now()](db::Transaction& transaction) {
        const IssuedLink issued = issue_invitation(transaction, invitation, now);
        json::object shown = to_json(issued.link);
        audience::AuditEntry entry = audience::audit_entry(request, "invitation.create",
                                                           "invitation/" + issued.link.link_id);
        entry.after = json::serialize(shown);
        audience::record(transaction, entry, now);
        for (auto& member : shown_link(issued, own_address.link(request, issued.secret))) {
          shown[member.key()] = std::move(member.value());
        }
        return not_stored(shown);
      });
}

void MemberCalls::withdraw(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder), [&request, now = clock.now()](db::Transaction& transaction) {
        const OneTimeLink invitation =
            withdraw_invitation(transaction, request.caller.workspace_id, request.parameter(1));
        audience::AuditEntry entry =
            audience::audit_entry(request, "invitation.delete", "invitation/" + invitation.link_id);
        entry.before = json::serialize(to_json(invitation));
        audience::record(transaction, entry, now);
        return http::json_response("{}");
      });
}

}  // namespace
}  // namespace callboard::identity
