#pragma once

// Members, tokens and links as the console's calls and the commands show them. Pure functions.

#include <boost/json/fwd.hpp>
#include <optional>
#include <vector>

#include "identity/api_token.hpp"
#include "identity/member.hpp"
#include "identity/one_time_link.hpp"

namespace callboard::identity {

boost::json::object to_json(const Member& member);  // without anything secret
boost::json::object to_json(const ListedMember& member);
boost::json::array to_json(const std::vector<Membership>& memberships);
boost::json::object to_json(const OneTimeLink& invitation);
boost::json::object to_json(const ApiToken& token);
boost::json::value or_null(const std::optional<Timestamp>& time);

}  // namespace callboard::identity
