#pragma once

// What an application's settings say of reminders: when they are sent and what they say. In JSON
// they are members of the settings themselves.
//
// Pure: any thread.

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json_reader.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_leads = 5;
inline constexpr std::chrono::minutes max_lead{40'320};  // four weeks
inline constexpr std::chrono::minutes max_grace{1'440};
// LINE takes 200 calls in any second; those that are under way may arrive together with later ones.
inline constexpr std::uint32_t max_multicasts_per_second = 184;

// Times of day in the application's time zone; where `to` is not after `from`, it is the next
// day's.
struct QuietHours {
  enum class Mode : std::uint8_t {
    silent,  // sent without a sound
    skip,    // not sent
  };
  std::chrono::minutes from{0};
  std::chrono::minutes to{0};  // no longer quiet then; never the same as `from`
  Mode mode = Mode::silent;
};
// `time_of_day`: since local midnight.
bool is_quiet(const QuietHours& hours, std::chrono::seconds time_of_day);

struct ReminderSettings {
  // How long before an event's start; different, the longest first. None: no reminders.
  std::vector<std::chrono::minutes> leads{std::chrono::minutes{30}};
  // How long after its moment a reminder is still sent, if the server could not before.
  std::chrono::minutes grace{15};
  std::optional<QuietHours> quiet_hours;
  // JSON of line/message_template.hpp, checked; empty: those of line/reminder_templates.hpp.
  std::string message_template;
  std::string moved_template;
  bool moved_notice = false;  // whether those who were reminded hear that the event was moved
  std::uint32_t multicasts_per_second = 180;
};

// Reads the members that are there; errors are recorded in the reader.
void read_reminder_settings(JsonReader& reader, ReminderSettings& settings);
// Adds all members, as they are shown and stored.
void add_to_json(boost::json::object& object, const ReminderSettings& settings);

// What its texts occupy.
std::size_t bytes_of(const ReminderSettings& settings);

}  // namespace callboard::audience
