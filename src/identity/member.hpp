#pragma once

// People who operate Callboard, and what they may do in which workspace, at rest.
//
// Each function is one step of the caller's transaction. Errors: those of db::Transaction, and as
// said.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/request.hpp"

namespace callboard::identity {

inline constexpr std::size_t max_email_bytes = 254;  // RFC 5321, errata 1690
inline constexpr std::size_t max_member_name_characters = 255;
inline constexpr std::size_t max_members = 1000;  // of a workspace
inline constexpr std::size_t max_workspaces_of_member = 100;

inline constexpr std::string_view member_actor = "member:";  // before the id, in the audit log

struct Member {
  std::string member_id;
  std::string email;  // lower case
  std::string name;
  std::string password_hash;  // empty: none was chosen yet
  Timestamp created_at;
};

// The address in the form that is stored and compared. Nothing: it is none.
std::optional<std::string> normal_email(std::string_view text);
bool is_member_name(std::string_view text);
// Before a work reads what it then decides by: in which workspaces a member is and as what. Taken
// in this order by whatever changes that: the member, then the workspace.
void lock_member(db::Transaction& transaction, std::string_view member_id);
void lock_membership(db::Transaction& transaction, std::string_view workspace_id,
                     std::string_view member_id);

std::string new_member_id();

// Throws Error{conflict} where the e-mail address is taken.
void create_member(db::Transaction& transaction, const Member& member);
std::optional<Member> find_member(db::Transaction& transaction, std::string_view member_id);
std::optional<Member> member_by_email(db::Transaction& transaction, std::string_view email);
bool has_members(db::Transaction& transaction);
std::vector<Member> all_members(db::Transaction& transaction);  // by e-mail; the first max_members
void set_password(db::Transaction& transaction, std::string_view member_id, std::string_view hash);
// With sessions, memberships and tokens.
void delete_member(db::Transaction& transaction, std::string_view member_id);

// One member's place in one workspace.
struct Membership {
  std::string workspace_id;
  std::string workspace_name;
  http::Role role;
};
std::vector<Membership> memberships_of(db::Transaction& transaction, std::string_view member_id);
std::optional<http::Role> role_of(db::Transaction& transaction, std::string_view workspace_id,
                                  std::string_view member_id);

struct ListedMember {
  Member member;
  http::Role role;
};
std::vector<ListedMember> list_members(db::Transaction& transaction, std::string_view workspace_id);

// Adds the member or changes the role. Reset links of theirs stop working, since whoever has one
// might gain by it. Throws Error{conflict} where that would leave the workspace without an owner,
// or there are as many members as may be.
void set_role(db::Transaction& transaction, std::string_view workspace_id,
              std::string_view member_id, http::Role role, Timestamp now);
// Takes the member out, and with them their tokens and invitations. Throws Error{conflict} for the
// last owner.
void remove_from_workspace(db::Transaction& transaction, std::string_view workspace_id,
                           std::string_view member_id);

}  // namespace callboard::identity
