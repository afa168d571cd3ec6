#pragma once

// Workspaces and applications as values, and the rules for an application's settings. An
// application is the tenant: users, bulletins and keys belong to exactly one.
//
// Pure: any thread.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/line_settings.hpp"
#include "audience/provider_settings.hpp"
#include "audience/reminder_settings.hpp"
#include "audience/variable.hpp"
#include "base/clock.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_id_bytes = 64;  // of workspaces and applications
inline constexpr std::size_t max_name_characters = 255;
inline constexpr std::size_t max_setting_entries = 100;  // of each list in the settings
inline constexpr std::size_t max_declared_attributes = 500;
inline constexpr std::uint32_t max_rate_limit = 1'000'000;
inline constexpr std::uint32_t most_subscriptions = 10'000;  // that an application may allow

// 1 to 64 of [a-z0-9_-].
bool is_id(std::string_view text);

struct Workspace {
  std::string workspace_id;
  std::string name;
  Timestamp created_at;
};

// Requests a second instead of the server's own limits; nothing: those.
struct AppRateLimits {
  std::optional<std::uint32_t> writes_per_user;
  std::optional<std::uint32_t> writes_per_app;
};

// What operators choose for an application. The defaults are those of a new one.
struct AppSettings {
  std::string name;
  std::string time_zone = "Asia/Taipei";     // an IANA name that this machine's tzdata knows
  std::vector<std::string> hosts;            // lower case; a port where it is not the scheme's own
  std::vector<std::string> allowed_origins;  // "https://example.org", compared exactly
  std::string front_end_url;                 // may hold a base path; empty: none
  // Whether there may be attributes that nothing declares, in uploads and in conditions.
  bool undeclared_attributes = true;
  // What the app's attributes are; an upload that contradicts it is refused. Sorted by name.
  std::vector<Variable> attributes;
  // A client may read these attributes but not write them.
  std::vector<std::string> server_only_attributes;
  bool anonymous_sessions = false;  // devices may have a session without a known user
  std::vector<ProviderSettings> providers;
  AppRateLimits rate_limits;
  LineSettings line;
  LoginSettings login;
  // A user who subscribes to an event that is not the application's has it for themselves.
  bool client_defined_events = true;
  std::uint32_t max_subscriptions = 10;  // of one user
  bool limit_counts_ended = true;        // whether events that have ended count towards it
  bool psycho_test_get_writes = false;   // whether GET may create and count a quiz's types
  ReminderSettings reminders;

  bool is_server_only(std::string_view attribute) const;
  // Null: nothing declares it.
  const Variable* declared(std::string_view attribute) const;
};

// `current` with the members that `changes` names. Throws Error{invalid} with a pointer for each
// culprit, unknown members among them. Without `seal`, secrets can't be set.
AppSettings changed_settings(AppSettings current, const boost::json::value& changes,
                             const SealSecret& seal = nullptr);
boost::json::object to_json(const AppSettings& settings);  // secrets masked

// As the database has it: the secrets sealed.
AppSettings settings_from_stored(const boost::json::value& stored);
boost::json::object to_stored_json(const AppSettings& settings);

struct Application {
  std::string app_id;
  std::string workspace_id;
  AppSettings settings;
  Timestamp created_at;
  Timestamp updated_at;
};

}  // namespace callboard::audience
