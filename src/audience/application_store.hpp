#pragma once

// Workspaces and applications at rest. Each function is one step of the caller's transaction, so
// that several make one whole (an application and its first keys). Errors: those of
// db::Transaction.

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "audience/application.hpp"
#include "db/database.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_applications_listed = 1000;  // of one workspace
inline constexpr std::size_t max_workspaces_listed = 1000;

// Throws Error{conflict} where the id is taken.
void create_workspace(db::Transaction& transaction, const Workspace& workspace);
std::optional<Workspace> find_workspace(db::Transaction& transaction,
                                        std::string_view workspace_id);
std::vector<Workspace> list_workspaces(db::Transaction& transaction);  // by id

// Announces ("app"). Throws Error{conflict} where the id is taken, Error{not_found} where there is
// no such workspace.
void create_application(db::Transaction& transaction, const Application& application);
std::optional<Application> find_application(db::Transaction& transaction, std::string_view app_id);
// Throws Error{not_found}: an application of another workspace is as good as none.
void require_in_workspace(const Application* application, std::string_view workspace_id);
std::vector<Application> list_applications(db::Transaction& transaction,
                                           std::string_view workspace_id);  // by id
void each_application(db::Transaction& transaction,
                      const std::function<void(const Application&)>& each);
// Before settings are read to be changed: two changes at once would undo each other.
void lock_settings(db::Transaction& transaction, std::string_view app_id);
// A host stands for one application. Throws Error{conflict} with the host's pointer where it is
// another one's; whoever asks changes the settings in the same transaction.
void claim_hosts(db::Transaction& transaction, std::string_view app_id,
                 const std::vector<std::string>& hosts);
// Announces ("app"). Throws Error{not_found}.
void update_settings(db::Transaction& transaction, std::string_view app_id,
                     const AppSettings& settings, Timestamp now);
// With everything they have, but for their audit log. Announces that anything may have changed.
// Throw Error{not_found}.
void delete_application(db::Transaction& transaction, std::string_view app_id);
void delete_workspace(db::Transaction& transaction, std::string_view workspace_id);

}  // namespace callboard::audience
