#include "identity/member_shown.hpp"

#include <boost/json.hpp>

namespace callboard::identity {

namespace json = boost::json;

json::object to_json(const Member& member) {
  return {{"member_id", member.member_id},
          {"email", member.email},
          {"name", member.name},
          {"created_at", rfc3339(member.created_at)}};
}

json::object to_json(const ListedMember& member) {
  json::object object = to_json(member.member);
  object["role"] = name_of(member.role);
  return object;
}

json::array to_json(const std::vector<Membership>& memberships) {
  json::array listed;
  for (const Membership& membership : memberships) {
    listed.push_back({{"workspace_id", membership.workspace_id},
                      {"name", membership.workspace_name},
                      {"role", name_of(membership.role)}});
  }
  return listed;
}

json::object to_json(const OneTimeLink& invitation) {
  return {{"invitation_id", invitation.link_id},
          {"email", invitation.email},
          {"role", name_of(invitation.role)},
          {"created_by", invitation.created_by},
          {"created_at", rfc3339(invitation.created_at)},
          {"expires_at", rfc3339(invitation.expires_at)}};
}

json::object to_json(const ApiToken& token) {
  return {
      {"token_id", token.token_id},
      {"label", token.label},
      {"role", name_of(token.role)},
      {"apps", token.apps ? json::value_from(*token.apps) : json::value(nullptr)},
      {"member_id", token.member_id.empty() ? json::value(nullptr) : json::value(token.member_id)},
      {"created_at", rfc3339(token.created_at)},
      {"expires_at", or_null(token.expires_at)},
      {"last_used_at", or_null(token.last_used_at)}};
}

json::value or_null(const std::optional<Timestamp>& time) {
  return time ? json::value(rfc3339(*time)) : json::value(nullptr);
}

}  // namespace callboard::identity
