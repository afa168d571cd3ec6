#include "app/command_context.hpp"

#include <boost/json.hpp>
#include <iostream>

#include "app/configuration.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::app {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : to_json_text(value);
}

std::string line_of(const json::value& value) {
  const json::object* members = value.if_object();
  if (members == nullptr) return text_of(value);
  std::string line;
  for (const auto& member : *members) {
    line += (line.empty() ? "" : "  ") + std::string(member.key()) + "=" + text_of(member.value());
  }
  return line;
}

}  // namespace

CommandContext::CommandContext(const Settings& settings)
    : database_(db::open(database_options(settings, clock_, metrics_))),
      keys_(server_key_of(settings, *database_)),
      public_url_(public_url_of(settings)),
      local_url_(local_url_of(settings)) {}

std::string CommandContext::link(const identity::IssuedLink& issued) const {
  return identity::OwnAddress(public_url_).link(local_url_, issued.secret);
}

void CommandContext::write(const std::function<void(db::Transaction&)>& work) {
  database_->write_and_wait(work);
}

audience::Workspace require_workspace(db::Transaction& transaction,
                                      const std::string& workspace_id) {
  if (auto workspace = audience::find_workspace(transaction, workspace_id)) return *workspace;
  throw Error(ErrorCode::not_found, "there is no workspace \"" + workspace_id + "\"");
}

audience::Application require_application(db::Transaction& transaction, const std::string& app_id) {
  if (auto application = audience::find_application(transaction, app_id)) return *application;
  throw Error(ErrorCode::not_found, "there is no application \"" + app_id + "\"");
}

http::Role require_role(const std::string& name) {
  if (const auto role = identity::role_named(name)) return *role;
  throw Error(ErrorCode::invalid, "the role must be viewer, editor, admin or owner");
}

void show(const json::value& value, bool as_json) {
  if (as_json) {
    std::cout << to_json_text(value) << "\n";
  } else if (const json::array* elements = value.if_array()) {
    for (const json::value& element : *elements) std::cout << line_of(element) << "\n";
  } else {
    for (const auto& member : value.as_object()) {
      std::cout << std::string_view(member.key()) << ' ' << text_of(member.value()) << "\n";
    }
  }
}

}  // namespace callboard::app
