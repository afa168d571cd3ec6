#include "identity/operator_input.hpp"

#include <boost/json.hpp>
#include <string>

#include "identity/api_token.hpp"

namespace callboard::identity {

http::Role read_role(JsonReader& reader) {
  reader.require("role");
  const auto name = reader.string("role");
  const auto role = name ? role_named(*name) : http::Role::viewer;
  if (!role) reader.refuse("role", "must be viewer, editor, admin or owner");
  return role.value_or(http::Role::viewer);
}

void require_within(const http::Request& request, http::Role role) {
  if (role <= request.caller.role) return;
  throw Error(ErrorCode::forbidden,
              "this needs the role " + std::string(name_of(role)) + ", which is above yours");
}

}  // namespace callboard::identity
