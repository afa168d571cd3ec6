#include "audience/application_store.hpp"

#include <set>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "jobs/job_store.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

constexpr std::string_view select_applications =
    "SELECT app_id, workspace_id, name, settings, created_at_ms, updated_at_ms FROM applications ";

// The name has a column of its own.
std::string stored_settings(const AppSettings& settings) {
  json::object object = to_stored_json(settings);
  object.erase("name");
  return json::serialize(object);
}

Workspace read_workspace(const db::Row& row) {
  return {row.string(0), row.string(1), timestamp_from_ms(row.integer(2))};
}

Application read_application(const db::Row& row) {
  AppSettings settings = settings_from_stored(parse_json(row.text(3)));
  settings.name = row.string(2);
  return {row.string(0), row.string(1), std::move(settings), timestamp_from_ms(row.integer(4)),
          timestamp_from_ms(row.integer(5))};
}

// Whoever keeps something in memory forgets all of it: an application has left traces in most.
void announce_everything(db::Transaction& transaction) {
  transaction.announce("", "", "");
}

}  // namespace

void create_workspace(db::Transaction& transaction, const Workspace& workspace) {
  const auto created = transaction.execute(
      "INSERT INTO workspaces (workspace_id, name, created_at_ms) VALUES ($1, $2, $3) "
      "ON CONFLICT DO NOTHING",
      {workspace.workspace_id, workspace.name, unix_ms(workspace.created_at)});
  if (created == 0) throw Error(ErrorCode::conflict, "workspace_id is taken");
}

std::optional<Workspace> find_workspace(db::Transaction& transaction,
                                        std::string_view workspace_id) {
  return transaction.first(
      "SELECT workspace_id, name, created_at_ms FROM workspaces WHERE workspace_id = $1",
      {workspace_id}, read_workspace);
}

std::vector<Workspace> list_workspaces(db::Transaction& transaction) {
  std::vector<Workspace> workspaces;
  transaction.query(
      "SELECT workspace_id, name, created_at_ms FROM workspaces ORDER BY workspace_id LIMIT $1",
      {static_cast<std::int64_t>(max_workspaces_listed)},
      [&](const db::Row& row) { workspaces.push_back(read_workspace(row)); });
  return workspaces;
}

void create_application(db::Transaction& transaction, const Application& application) {
  if (!find_workspace(transaction, application.workspace_id)) {
    throw Error(ErrorCode::not_found, "there is no such workspace");
  }
  const auto created = transaction.execute(
      "INSERT INTO applications "
      "(app_id, workspace_id, name, settings, created_at_ms, updated_at_ms) "
      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
      {application.app_id, application.workspace_id, application.settings.name,
       stored_settings(application.settings), unix_ms(application.created_at),
       unix_ms(application.updated_at)});
  if (created == 0) throw Error(ErrorCode::conflict, "app_id is taken");
  transaction.announce(application.app_id, "app", "");
}

std::optional<Application> find_application(db::Transaction& transaction, std::string_view app_id) {
  return transaction.first(std::string(select_applications) + "WHERE app_id = $1", {app_id},
                           read_application);
}

void require_in_workspace(const Application* application, std::string_view workspace_id) {
  if (application != nullptr && application->workspace_id == workspace_id) return;
  throw Error(ErrorCode::not_found, "there is no such application");
}

std::vector<Application> list_applications(db::Transaction& transaction,
                                           std::string_view workspace_id) {
  std::vector<Application> applications;
  transaction.query(
      std::string(select_applications) + "WHERE workspace_id = $1 ORDER BY app_id LIMIT $2",
      {workspace_id, static_cast<std::int64_t>(max_applications_listed)},
      [&](const db::Row& row) { applications.push_back(read_application(row)); });
  return applications;
}

void each_application(db::Transaction& transaction,
                      const std::function<void(const Application&)>& each) {
  transaction.query(select_applications, {},
                    [&](const db::Row& row) { each(read_application(row)); });
}

void lock_settings(db::Transaction& transaction, std::string_view app_id) {
  transaction.lock("settings/" + std::string(app_id));
}

void claim_hosts(db::Transaction& transaction, std::string_view app_id,
                 const std::vector<std::string>& hosts) {
  if (hosts.empty()) return;
  transaction.lock("hosts");
  std::set<std::string, std::less<>> taken;
  each_application(transaction, [&](const Application& other) {
    if (other.app_id == app_id) return;
    taken.insert(other.settings.hosts.begin(), other.settings.hosts.end());
  });
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (!taken.contains(hosts[i])) continue;
    throw Error(ErrorCode::conflict, "host " + hosts[i] + " is another application's")
        .with_detail("/hosts/" + std::to_string(i), "is another application's");
  }
}

void update_settings(db::Transaction& transaction, std::string_view app_id,
                     const AppSettings& settings, Timestamp now) {
  const auto updated = transaction.execute(
      "UPDATE applications SET name = $2, settings = $3, updated_at_ms = $4 WHERE app_id = $1",
      {app_id, settings.name, stored_settings(settings), unix_ms(now)});
  if (updated == 0) throw Error(ErrorCode::not_found, "there is no such application");
  transaction.announce(app_id, "app", "");
}

void delete_application(db::Transaction& transaction, std::string_view app_id) {
  transaction.take_your_time();
  transaction.execute("DELETE FROM used_nonces WHERE app_id = $1", {app_id});
  const auto deleted = transaction.execute("DELETE FROM applications WHERE app_id = $1", {app_id});
  if (deleted == 0) throw Error(ErrorCode::not_found, "there is no such application");
  jobs::delete_jobs(transaction, app_id);
  announce_everything(transaction);
}

void delete_workspace(db::Transaction& transaction, std::string_view workspace_id) {
  transaction.take_your_time();
  std::vector<std::string> app_ids;
  transaction.query("SELECT app_id FROM applications WHERE workspace_id = $1", {workspace_id},
                    [&](const db::Row& row) { app_ids.push_back(row.string(0)); });
  for (const std::string& app_id : app_ids) delete_application(transaction, app_id);
  const auto deleted =
      transaction.execute("DELETE FROM workspaces WHERE workspace_id = $1", {workspace_id});
  if (deleted == 0) throw Error(ErrorCode::not_found, "there is no such workspace");
  announce_everything(transaction);
}

}  // namespace callboard::audience
