#include "identity/member.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/json_reader.hpp"
#include "base/random.hpp"
#include "identity/api_token.hpp"
#include "identity/one_time_link.hpp"

namespace callboard::identity {
namespace {

constexpr std::string_view select_members =
    "SELECT member_id, email, name, password_hash, created_at_ms FROM members ";

Member read_member(const db::Row& row) {
  return {row.string(0), row.string(1), row.string(2), row.optional_string(3).value_or(""),
          timestamp_from_ms(row.integer(4))};
}

http::Role role_at(const db::Row& row, int column) {
  if (const auto role = role_named(row.text(column))) return *role;
  throw Error(ErrorCode::internal, "a stored membership has an unknown role");
}

std::int64_t count(db::Transaction& transaction, std::string_view condition,
                   std::string_view value) {
  return *transaction.first(
      "SELECT count(*) FROM memberships WHERE " + std::string(condition) + " = $1", {value},
      [](const db::Row& row) { return row.integer(0); });
}

void require_room(db::Transaction& transaction, std::string_view workspace_id,
                  std::string_view member_id) {
  if (count(transaction, "workspace_id", workspace_id) >= std::int64_t{max_members}) {
    throw Error(ErrorCode::conflict, "the workspace has as many members as it may");
  }
  if (count(transaction, "member_id", member_id) >= std::int64_t{max_workspaces_of_member}) {
    throw Error(ErrorCode::conflict, "the member is in as many workspaces as one may be");
  }
}

void require_another_owner(db::Transaction& transaction, std::string_view workspace_id,
                           std::string_view member_id) {
  const auto other = transaction.first(
      "SELECT 1 FROM memberships WHERE workspace_id = $1 AND member_id <> $2 AND role = 'owner'"
      " LIMIT 1",
      {workspace_id, member_id}, [](const db::Row&) { return true; });
  if (!other) throw Error(ErrorCode::conflict, "the workspace needs an owner: make one first");
}

std::string actor_of(std::string_view member_id) {
  return std::string(member_actor) + std::string(member_id);
}

bool is_email_character(char c) {
  return static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) < 0x7f &&
         std::string_view("\"(),:;<>[]\\").find(c) == std::string_view::npos;
}

}  // namespace

std::optional<std::string> normal_email(std::string_view text) {
  const auto at = text.find('@');
  const bool holds = text.size() <= max_email_bytes && at != 0 && at != std::string_view::npos &&
                     at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos &&
                     std::ranges::all_of(text, is_email_character);
  if (!holds) return std::nullopt;
  std::string email(text);
  std::ranges::transform(email, email.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return email;
}

bool is_member_name(std::string_view text) {
  const std::size_t characters = count_characters(text);
  return characters >= 1 && characters <= max_member_name_characters;
}

void lock_member(db::Transaction& transaction, std::string_view member_id) {
  transaction.lock("member/" + std::string(member_id));
}

void lock_membership(db::Transaction& transaction, std::string_view workspace_id,
                     std::string_view member_id) {
  lock_member(transaction, member_id);
  transaction.lock("members/" + std::string(workspace_id));
}

std::string new_member_id() {
  return random_id();
}

void create_member(db::Transaction& transaction, const Member& member) {
  const db::Value hash =
      member.password_hash.empty() ? db::Value(nullptr) : db::Value(member.password_hash);
  const auto created = transaction.execute(
      "INSERT INTO members (member_id, email, name, password_hash, created_at_ms)"
      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
      {member.member_id, member.email, member.name, hash, unix_ms(member.created_at)});
  if (created == 0) throw Error(ErrorCode::conflict, "there is a member with this e-mail address");
}

std::optional<Member> find_member(db::Transaction& transaction, std::string_view member_id) {
  return transaction.first(std::string(select_members) + "WHERE member_id = $1", {member_id},
                           read_member);
}

std::optional<Member> member_by_email(db::Transaction& transaction, std::string_view email) {
  return transaction.first(std::string(select_members) + "WHERE email = $1", {email}, read_member);
}

bool has_members(db::Transaction& transaction) {
  return transaction.first("SELECT 1 FROM members LIMIT 1", {}, [](const db::Row&) { return true; })
      .has_value();
}

std::vector<Member> all_members(db::Transaction& transaction) {
  std::vector<Member> members;
  transaction.query(std::string(select_members) + "ORDER BY email LIMIT $1",
                    {std::int64_t{max_members}},
                    [&](const db::Row& row) { members.push_back(read_member(row)); });
  return members;
}

void set_password(db::Transaction& transaction, std::string_view member_id, std::string_view hash) {
  transaction.execute("UPDATE members SET password_hash = $2 WHERE member_id = $1",
                      {member_id, hash});
}

void delete_member(db::Transaction& transaction, std::string_view member_id) {
  lock_member(transaction, member_id);
  for (const Membership& membership : memberships_of(transaction, member_id)) {
    remove_from_workspace(transaction, membership.workspace_id, member_id);
  }
  transaction.execute("DELETE FROM members WHERE member_id = $1", {member_id});
}

std::vector<Membership> memberships_of(db::Transaction& transaction, std::string_view member_id) {
  std::vector<Membership> memberships;
  transaction.query(
      "SELECT m.workspace_id, w.name, m.role FROM memberships m"
      " JOIN workspaces w ON w.workspace_id = m.workspace_id"
      " WHERE m.member_id = $1 ORDER BY m.workspace_id LIMIT $2",
      {member_id, std::int64_t{max_workspaces_of_member}}, [&](const db::Row& row) {
        memberships.push_back({row.string(0), row.string(1), role_at(row, 2)});
      });
  return memberships;
}

std::optional<http::Role> role_of(db::Transaction& transaction, std::string_view workspace_id,
                                  std::string_view member_id) {
  return transaction.first(
      "SELECT role FROM memberships WHERE workspace_id = $1 AND member_id = $2",
      {workspace_id, member_id}, [](const db::Row& row) { return role_at(row, 0); });
}

std::vector<ListedMember> list_members(db::Transaction& transaction,
                                       std::string_view workspace_id) {
  std::vector<ListedMember> members;
  transaction.query(
      "SELECT p.member_id, p.email, p.name, p.password_hash, p.created_at_ms, m.role"
      " FROM memberships m JOIN members p ON p.member_id = m.member_id"
      " WHERE m.workspace_id = $1 ORDER BY p.email LIMIT $2",
      {workspace_id, std::int64_t{max_members}},
      [&](const db::Row& row) { members.push_back({read_member(row), role_at(row, 5)}); });
  return members;
}

void set_role(db::Transaction& transaction, std::string_view workspace_id,
              std::string_view member_id, http::Role role, Timestamp now) {
  lock_membership(transaction, workspace_id, member_id);
  const auto current = role_of(transaction, workspace_id, member_id);
  if (!current) require_room(transaction, workspace_id, member_id);
  if (current == http::Role::owner && role != http::Role::owner) {
    require_another_owner(transaction, workspace_id, member_id);
  }
  if (current && role < *current) withdraw_links_of(transaction, actor_of(member_id));
  withdraw_resets(transaction, member_id);
  transaction.execute(
      "INSERT INTO memberships (workspace_id, member_id, role, created_at_ms)"
      " VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (workspace_id, member_id) DO UPDATE SET role = excluded.role",
      {workspace_id, member_id, name_of(role), unix_ms(now)});
}

void remove_from_workspace(db::Transaction& transaction, std::string_view workspace_id,
                           std::string_view member_id) {
  lock_membership(transaction, workspace_id, member_id);
  if (role_of(transaction, workspace_id, member_id) == http::Role::owner) {
    require_another_owner(transaction, workspace_id, member_id);
  }
  withdraw_links_of(transaction, actor_of(member_id));
  transaction.execute("DELETE FROM api_tokens WHERE workspace_id = $1 AND member_id = $2",
                      {workspace_id, member_id});
  transaction.execute("DELETE FROM memberships WHERE workspace_id = $1 AND member_id = $2",
                      {workspace_id, member_id});
}

}  // namespace callboard::identity
