#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <utility>

#include "app/command_context.hpp"
#include "app/command_group.hpp"
#include "app/operator_commands.hpp"
#include "base/error.hpp"

namespace callboard::app {
namespace {

namespace json = boost::json;

struct Options {
  std::string workspace_id{identity::first_workspace_id};
  std::string email, name, role;
  bool as_json = false;
};

std::string email_of(const Options& options) {
  if (auto email = identity::normal_email(options.email)) return *email;
  throw Error(ErrorCode::invalid, "\"" + options.email + "\" is no e-mail address");
}

identity::Member require_member(db::Transaction& transaction, const Options& options) {
  if (auto member = identity::member_by_email(transaction, email_of(options))) return *member;
  throw Error(ErrorCode::not_found, "there is no member " + email_of(options));
}

void record(db::Transaction& transaction, const std::string& workspace_id, std::string action,
            const identity::Member& member, std::optional<http::Role> before,
            std::optional<http::Role> after, Timestamp now) {
  const auto described = [&](std::optional<http::Role> role) {
    return role ? json::serialize(to_json(identity::ListedMember{member, *role})) : std::string();
  };
  auto entry =
      audience::command_entry(workspace_id, "", std::move(action), "member/" + member.member_id);
  entry.before = described(before);
  entry.after = described(after);
  audience::record(transaction, entry, now);
}

json::object shown_link(const CommandContext& context, const identity::IssuedLink& issued) {
  return {{"link", context.link(issued)},
          {"token", issued.secret},
          {"expires_at", rfc3339(issued.link.expires_at)}};
}

identity::IssuedLink reset_link(db::Transaction& transaction, const identity::Member& member,
                                Timestamp now) {
  return identity::issue_reset(transaction, member.member_id, std::string(audience::command_actor),
                               now);
}

// Somebody new chooses their password by a link.
int add_member(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  const http::Role role = require_role(options.role);
  const std::string email = email_of(options);
  json::object shown;
  context.write([&](db::Transaction& transaction) {
    require_workspace(transaction, options.workspace_id);
    auto member = identity::member_by_email(transaction, email);
    const bool is_new = !member;
    if (is_new) {
      member = identity::Member{identity::new_member_id(), email,
                                options.name.empty() ? email : options.name, "", context.now()};
      identity::create_member(transaction, *member);
    } else if (identity::role_of(transaction, options.workspace_id, member->member_id)) {
      throw Error(ErrorCode::conflict, email + " is in this workspace: see `member role`");
    }
    identity::set_role(transaction, options.workspace_id, member->member_id, role, context.now());
    record(transaction, options.workspace_id, "member.add", *member, {}, role, context.now());
    shown = to_json(identity::ListedMember{*member, role});
    if (!is_new) return;
    for (auto& part : shown_link(context, reset_link(transaction, *member, context.now()))) {
      shown[part.key()] = std::move(part.value());
    }
  });
  show(shown, options.as_json);
  return 0;
}

int list(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  json::array listed;
  context.database().read([&](db::Transaction& transaction) {
    for (const auto& member : identity::all_members(transaction)) {
      json::object object = to_json(member);
      json::object roles;
      for (const auto& membership : identity::memberships_of(transaction, member.member_id)) {
        roles[membership.workspace_id] = identity::name_of(membership.role);
      }
      object["roles"] = std::move(roles);
      listed.push_back(std::move(object));
    }
  });
  show(listed, options.as_json);
  return 0;
}

int change_role(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  const http::Role role = require_role(options.role);
  json::object shown;
  context.write([&](db::Transaction& transaction) {
    const identity::Member member = require_member(transaction, options);
    const auto before = identity::role_of(transaction, options.workspace_id, member.member_id);
    if (!before) throw Error(ErrorCode::not_found, member.email + " is not in this workspace");
    identity::set_role(transaction, options.workspace_id, member.member_id, role, context.now());
    record(transaction, options.workspace_id, "member.update", member, before, role, context.now());
    shown = to_json(identity::ListedMember{member, role});
  });
  show(shown, options.as_json);
  return 0;
}

int remove(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  context.write([&](db::Transaction& transaction) {
    const identity::Member member = require_member(transaction, options);
    for (const auto& membership : identity::memberships_of(transaction, member.member_id)) {
      record(transaction, membership.workspace_id, "member.remove", member, membership.role, {},
             context.now());
    }
    identity::delete_member(transaction, member.member_id);
  });
  show(json::object{{"removed", email_of(options)}}, options.as_json);
  return 0;
}

int make_reset_link(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  json::object shown;
  context.write([&](db::Transaction& transaction) {
    const identity::Member member = require_member(transaction, options);
    for (const auto& membership : identity::memberships_of(transaction, member.member_id)) {
      record(transaction, membership.workspace_id, "member.reset_link", member, {}, {},
             context.now());
    }
    shown = shown_link(context, reset_link(transaction, member, context.now()));
  });
  show(shown, options.as_json);
  return 0;
}

int make_setup_link(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  json::object shown;
  context.write([&](db::Transaction& transaction) {
    if (identity::has_members(transaction)) {
      throw Error(ErrorCode::conflict, "there is a member already: see `member add`");
    }
    shown = shown_link(
        context,
        identity::issue_setup(transaction, std::string(audience::command_actor), context.now()));
  });
  show(shown, options.as_json);
  return 0;
}

}  // namespace

void add_member_commands(CLI::App& cli, const AddCommand& add) {
  const CommandGroup<Options> command(
      cli, "member", "Members: add, list, role, remove, reset-link, setup-link", add);
  Options& options = command.options();
  const auto with_email = [&](CLI::App& added) -> CLI::App& {
    added.add_option("email", options.email, "the member's e-mail address")->required();
    return added;
  };
  const auto with_role = [&](CLI::App& added) -> CLI::App& {
    added.add_option("role", options.role, "viewer, editor, admin or owner")->required();
    add_workspace(added, options.workspace_id);
    return added;
  };
  with_role(with_email(command("add", "Add a member; a new one gets a link", add_member)))
      .add_option("--name", options.name, "the member's name");
  command("list", "List everybody and their roles", list);
  with_role(with_email(command("role", "Change a member's role", change_role)));
  with_email(command("remove", "Delete a member's account", remove));
  with_email(command("reset-link", "Make a link to choose a new password", make_reset_link));
  command("setup-link", "Make a link to set up the first member", make_setup_link);
}

}  // namespace callboard::app
