#pragma once

// Links that work once and not for ever: to set up the first member, to invite one, to choose a new
// password. The secret stands behind the link's `#`, which browsers keep to themselves, and only
// its SHA-256 is stored.
//
// Each function is one step of the caller's transaction. Errors: those of db::Transaction, and as
// said.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/request.hpp"

namespace callboard::identity {

enum class LinkKind : std::uint8_t { setup, invitation, reset };
std::string_view name_of(LinkKind kind);

inline constexpr std::size_t max_invitations = 1000;  // open ones, of a workspace

// Held by whoever makes or uses the link for the first member.
inline constexpr std::string_view setup_lock = "setup";

struct OneTimeLink {
  std::string link_id;
  LinkKind kind = LinkKind::setup;
  std::string workspace_id;              // of an invitation
  std::string email;                     // of an invitation
  http::Role role = http::Role::viewer;  // of an invitation
  std::string member_id;                 // of a reset
  std::string created_by;                // as in the audit log
  Timestamp created_at;
  Timestamp expires_at;
};

struct IssuedLink {
  OneTimeLink link;
  std::string secret;  // can't be had again
};

// The first member's: the one before stops working.
IssuedLink issue_setup(db::Transaction& transaction, std::string created_by, Timestamp now);
// An invitation of the same address to the same workspace stops working. Throws Error{conflict}
// where as many are open as may be.
IssuedLink issue_invitation(db::Transaction& transaction, OneTimeLink invitation, Timestamp now);
// The member's one before stops working.
IssuedLink issue_reset(db::Transaction& transaction, std::string member_id, std::string created_by,
                       Timestamp now);

// The link with that secret, if it still works. Throws Error{not_found}.
OneTimeLink require_link(db::Transaction& transaction, std::string_view secret, Timestamp now);
// The same, and from now on it doesn't.
OneTimeLink take_link(db::Transaction& transaction, std::string_view secret, Timestamp now);

std::vector<OneTimeLink> list_invitations(db::Transaction& transaction,
                                          std::string_view workspace_id, Timestamp now);
// Throws Error{not_found}.
OneTimeLink withdraw_invitation(db::Transaction& transaction, std::string_view workspace_id,
                                std::string_view link_id);
// For whoever may do less than they might: nothing that they made works any more, and nothing that
// would let somebody else become them.
void withdraw_links_of(db::Transaction& transaction, std::string_view created_by);
void withdraw_resets(db::Transaction& transaction, std::string_view member_id);

}  // namespace callboard::identity
