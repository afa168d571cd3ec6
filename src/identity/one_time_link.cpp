#include "identity/one_time_link.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.hpp"
#include "base/random.hpp"
#include "crypto/sha256.hpp"
#include "identity/api_token.hpp"

namespace callboard::identity {
namespace {

struct KindTraits {
  std::string_view name;
  std::chrono::hours life;
};
constexpr std::array<KindTraits, 3> kinds = {{
    {"setup", std::chrono::hours{24}},
    {"invitation", std::chrono::hours{24 * 7}},
    {"reset", std::chrono::hours{24}},
}};

constexpr std::string_view secret_prefix = "cbl_";
constexpr std::string_view select_links =
    "SELECT link_id, kind, workspace_id, email, role, member_id, created_by, created_at_ms,"
    " expires_at_ms FROM one_time_links WHERE ";

const KindTraits& traits(LinkKind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

OneTimeLink read_link(const db::Row& row) {
  OneTimeLink link;
  link.link_id = row.string(0);
  const auto* const kind = std::ranges::find(kinds, row.text(1), &KindTraits::name);
  if (kind == kinds.end()) throw Error(ErrorCode::internal, "a stored link is of no known kind");
  link.kind = static_cast<LinkKind>(kind - kinds.begin());
  link.workspace_id = row.optional_string(2).value_or("");
  link.email = row.optional_string(3).value_or("");
  link.role = role_named(row.optional_string(4).value_or("")).value_or(http::Role::viewer);
  link.member_id = row.optional_string(5).value_or("");
  link.created_by = row.string(6);
  link.created_at = timestamp_from_ms(row.integer(7));
  link.expires_at = timestamp_from_ms(row.integer(8));
  return link;
}

std::string hash_of(std::string_view secret) {
  return std::string(view(sha256_hex(secret)));
}

IssuedLink issue(db::Transaction& transaction, OneTimeLink link, Timestamp now) {
  transaction.execute("DELETE FROM one_time_links WHERE expires_at_ms <= $1", {unix_ms(now)});
  const auto or_null = [](const std::string& text) {
    return text.empty() ? db::Value(nullptr) : db::Value(text);
  };
  link.link_id = random_id();
  link.created_at = now;
  link.expires_at = now + traits(link.kind).life;
  std::string secret = std::string(secret_prefix) + random_token();
  const bool is_invitation = link.kind == LinkKind::invitation;
  transaction.execute(
      "INSERT INTO one_time_links (link_id, hash, kind, workspace_id, email, role, member_id,"
      " created_by, created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {link.link_id, hash_of(secret), name_of(link.kind), or_null(link.workspace_id),
       or_null(link.email), is_invitation ? db::Value(name_of(link.role)) : db::Value(nullptr),
       or_null(link.member_id), link.created_by, unix_ms(now), unix_ms(link.expires_at)});
  return {std::move(link), std::move(secret)};
}

void require_room(db::Transaction& transaction, std::string_view workspace_id) {
  const auto open =
      transaction.first("SELECT count(*) FROM one_time_links WHERE workspace_id = $1",
                        {workspace_id}, [](const db::Row& row) { return row.integer(0); });
  if (open < std::int64_t{max_invitations}) return;
  throw Error(ErrorCode::conflict, "as many invitations are open as may be");
}

}  // namespace

std::string_view name_of(LinkKind kind) {
  return traits(kind).name;
}

IssuedLink issue_setup(db::Transaction& transaction, std::string created_by, Timestamp now) {
  transaction.lock(setup_lock);  // of two nodes that start at once, the last one's holds
  transaction.execute("DELETE FROM one_time_links WHERE kind = 'setup'");
  OneTimeLink link;
  link.created_by = std::move(created_by);
  return issue(transaction, std::move(link), now);
}

IssuedLink issue_invitation(db::Transaction& transaction, OneTimeLink invitation, Timestamp now) {
  transaction.lock("invitations/" + invitation.workspace_id);
  transaction.execute("DELETE FROM one_time_links WHERE workspace_id = $1 AND email = $2",
                      {invitation.workspace_id, invitation.email});
  require_room(transaction, invitation.workspace_id);
  invitation.kind = LinkKind::invitation;
  return issue(transaction, std::move(invitation), now);
}

IssuedLink issue_reset(db::Transaction& transaction, std::string member_id, std::string created_by,
                       Timestamp now) {
  withdraw_resets(transaction, member_id);
  OneTimeLink link;
  link.kind = LinkKind::reset;
  link.member_id = std::move(member_id);
  link.created_by = std::move(created_by);
  return issue(transaction, std::move(link), now);
}

OneTimeLink require_link(db::Transaction& transaction, std::string_view secret, Timestamp now) {
  auto link = transaction.first(std::string(select_links) + "hash = $1 AND expires_at_ms > $2",
                                {hash_of(secret), unix_ms(now)}, read_link);
  if (!link) throw Error(ErrorCode::not_found, "this link was used, has expired or never was");
  return std::move(*link);
}

OneTimeLink take_link(db::Transaction& transaction, std::string_view secret, Timestamp now) {
  OneTimeLink link = require_link(transaction, secret, now);
  const auto taken =
      transaction.execute("DELETE FROM one_time_links WHERE link_id = $1", {link.link_id});
  if (taken == 0) throw Error(ErrorCode::not_found, "this link was used just now");
  return link;
}

std::vector<OneTimeLink> list_invitations(db::Transaction& transaction,
                                          std::string_view workspace_id, Timestamp now) {
  std::vector<OneTimeLink> links;
  transaction.query(std::string(select_links) +
                        "workspace_id = $1 AND expires_at_ms > $2"
                        " ORDER BY created_at_ms DESC, link_id LIMIT $3",
                    {workspace_id, unix_ms(now), std::int64_t{max_invitations}},
                    [&](const db::Row& row) { links.push_back(read_link(row)); });
  return links;
}

OneTimeLink withdraw_invitation(db::Transaction& transaction, std::string_view workspace_id,
                                std::string_view link_id) {
  auto link = transaction.first(std::string(select_links) + "workspace_id = $1 AND link_id = $2",
                                {workspace_id, link_id}, read_link);
  if (!link) throw Error(ErrorCode::not_found, "there is no such invitation");
  transaction.execute("DELETE FROM one_time_links WHERE link_id = $1", {link_id});
  return std::move(*link);
}

void withdraw_links_of(db::Transaction& transaction, std::string_view created_by) {
  transaction.execute("DELETE FROM one_time_links WHERE created_by = $1", {created_by});
}

void withdraw_resets(db::Transaction& transaction, std::string_view member_id) {
  transaction.execute("DELETE FROM one_time_links WHERE member_id = $1", {member_id});
}

}  // namespace callboard::identity
