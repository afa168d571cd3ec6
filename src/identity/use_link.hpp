#pragma once

// What a one-time link is good for: the first member, an invitation, a new password. In two steps,
// because a password's hash takes longer than a transaction may.
//
// An invitation of somebody who is a member already asks for their own password, so that whoever
// sees the link can't become them.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "identity/member.hpp"
#include "identity/one_time_link.hpp"
#include "identity/password.hpp"
#include "identity/sign_in.hpp"

namespace callboard::identity {

struct LinkUse {
  std::string secret;
  OneTimeLink link;
  Member member;          // as they shall be
  bool is_known = false;  // the member is there already
};

// Checks the body (`token`, and what the link's kind needs) and makes the hash. Blocks. Throws
// Error{not_found} where the link does not work, Error{invalid}, and what SignIn throws.
LinkUse prepare_link_use(db::Database& database, SignIn& sign_in, PasswordHasher& hasher,
                         const boost::json::value& body, Timestamp now);

// One step of the caller's transaction: the link is used up, the member is there, the audit log has
// it. Throws Error{not_found} or Error{conflict} where somebody was faster.
void finish_link_use(db::Transaction& transaction, const LinkUse& use, std::string_view address,
                     Timestamp now);

}  // namespace callboard::identity
