#include "identity/use_link.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/json_reader.hpp"
#include "identity/api_token.hpp"
#include "identity/member_session.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;

std::string read_new_password(JsonReader& reader) {
  reader.require("password");
  const auto password = reader.string("password");
  if (password && !is_password(*password)) {
    reader.refuse("password", "must have at least " + std::to_string(min_password_characters) +
                                  " characters, and at most " + std::to_string(max_password_bytes) +
                                  " bytes");
  }
  return password.value_or("");
}

std::string read_name(JsonReader& reader) {
  reader.require("name");
  const auto name = reader.string("name");
  if (name && !is_member_name(*name)) {
    reader.refuse("name",
                  "must have 1 to " + std::to_string(max_member_name_characters) + " characters");
  }
  return name.value_or("");
}

std::string read_email(JsonReader& reader) {
  reader.require("email");
  const auto text = reader.string("email");
  const auto email = text ? normal_email(*text) : std::nullopt;
  if (text && !email) reader.refuse("email", "must be an e-mail address");
  return email.value_or("");
}

// A member as the body says, except for the e-mail address where the link has one.
Member new_member(JsonReader& reader, const std::string& email, PasswordHasher& hasher,
                  Timestamp now) {
  Member member{
      new_member_id(), email.empty() ? read_email(reader) : email, read_name(reader), {}, now};
  const std::string password = read_new_password(reader);
  reader.finish();
  member.password_hash = hasher.hash(password);
  return member;
}

std::string read_own_password(JsonReader& reader) {
  reader.ignore("name");
  reader.require("password");
  const auto password = reader.string("password");
  reader.finish();
  return *password;
}

void record(db::Transaction& transaction, const LinkUse& use, const std::string& workspace_id,
            std::string_view address, std::string action, json::value after, Timestamp now) {
  audience::AuditEntry entry;
  entry.workspace_id = workspace_id;
  entry.actor = std::string(member_actor) + use.member.member_id;
  entry.address = address;
  entry.action = std::move(action);
  entry.subject = "member/" + use.member.member_id;
  if (!after.is_null()) entry.after = json::serialize(after);
  audience::record(transaction, entry, now);
}

json::object described(const Member& member, http::Role role) {
  return {{"email", member.email}, {"name", member.name}, {"role", name_of(role)}};
}

// What else changes such a link takes these before the link, too.
void lock_for(db::Transaction& transaction, const LinkUse& use) {
  switch (use.link.kind) {
    case LinkKind::setup:
      return transaction.lock(setup_lock);
    case LinkKind::invitation:
      return lock_membership(transaction, use.link.workspace_id, use.member.member_id);
    case LinkKind::reset:
      return lock_member(transaction, use.member.member_id);
  }
}

void set_up(db::Transaction& transaction, const LinkUse& use, std::string_view address,
            Timestamp now) {
  if (has_members(transaction)) throw Error(ErrorCode::conflict, "there is a member already");
  create_member(transaction, use.member);
  for (const auto& workspace : audience::list_workspaces(transaction)) {
    set_role(transaction, workspace.workspace_id, use.member.member_id, http::Role::owner, now);
    record(transaction, use, workspace.workspace_id, address, "member.join",
           described(use.member, http::Role::owner), now);
  }
}

void join(db::Transaction& transaction, const LinkUse& use, std::string_view address,
          Timestamp now) {
  if (!use.is_known) create_member(transaction, use.member);
  const auto current = role_of(transaction, use.link.workspace_id, use.member.member_id);
  // An invitation takes nothing away from who is there already.
  const http::Role role = std::max(use.link.role, current.value_or(http::Role::viewer));
  set_role(transaction, use.link.workspace_id, use.member.member_id, role, now);
  record(transaction, use, use.link.workspace_id, address, "member.join",
         described(use.member, role), now);
}

void reset(db::Transaction& transaction, const LinkUse& use, std::string_view address,
           Timestamp now) {
  set_password(transaction, use.member.member_id, use.member.password_hash);
  end_sessions_of(transaction, use.member.member_id);
  for (const Membership& membership : memberships_of(transaction, use.member.member_id)) {
    record(transaction, use, membership.workspace_id, address, "member.password", nullptr, now);
  }
}

}  // namespace

LinkUse prepare_link_use(db::Database& database, SignIn& sign_in, PasswordHasher& hasher,
                         const json::value& body, Timestamp now) {
  JsonReader reader(body);
  const json::value* token = reader.require("token");
  LinkUse use;
  use.secret = reader.string("token").value_or("");
  if (token == nullptr || !token->is_string()) reader.finish();
  std::optional<Member> known;
  database.read([&](db::Transaction& transaction) {
    use.link = require_link(transaction, use.secret, now);
    known = use.link.kind == LinkKind::reset ? find_member(transaction, use.link.member_id)
                                             : member_by_email(transaction, use.link.email);
  });
  use.is_known = known.has_value();
  if (!known) {
    use.member = new_member(reader, use.link.email, hasher, now);
  } else if (use.link.kind == LinkKind::reset) {
    const std::string password = read_new_password(reader);
    reader.finish();
    use.member = std::move(*known);
    use.member.password_hash = hasher.hash(password);
  } else {
    use.member = sign_in.verify(use.link.email, read_own_password(reader));
  }
  return use;
}

void finish_link_use(db::Transaction& transaction, const LinkUse& use, std::string_view address,
                     Timestamp now) {
  lock_for(transaction, use);
  take_link(transaction, use.secret, now);
  switch (use.link.kind) {
    case LinkKind::setup:
      return set_up(transaction, use, address, now);
    case LinkKind::invitation:
      return join(transaction, use, address, now);
    case LinkKind::reset:
      return reset(transaction, use, address, now);
  }
}

}  // namespace callboard::identity
