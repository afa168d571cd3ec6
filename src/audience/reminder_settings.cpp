#include "audience/reminder_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <functional>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "line/message_template.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;
using std::chrono::minutes;

constexpr minutes day{24 * 60};

struct TemplateMember {
  const char* name;
  std::string ReminderSettings::* text;
};
constexpr std::array<TemplateMember, 2> templates = {{
    {"message_template", &ReminderSettings::message_template},
    {"moved_template", &ReminderSettings::moved_template},
}};

minutes lead_from_json(const json::value& given, const std::string& pointer) {
  const std::int64_t* number = given.if_int64();
  if (number == nullptr || *number < 1 || *number > max_lead.count()) {
    throw invalid_at(pointer, fmt::format("must be a whole number from 1 to {}", max_lead.count()));
  }
  return minutes{*number};
}

std::vector<minutes> leads_from_json(const json::value& given, const std::string& pointer) {
  std::vector<minutes> leads;
  read_elements(given, pointer, max_leads, [&](const json::value& each, const std::string& place) {
    const minutes lead = lead_from_json(each, place);
    if (std::ranges::find(leads, lead) != leads.end()) throw invalid_at(place, "is there twice");
    leads.push_back(lead);
  });
  std::ranges::sort(leads, std::greater());
  return leads;
}

// "22:00", always of five characters.
std::optional<minutes> parse_hour_and_minute(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t at : {0U, 1U, 3U, 4U}) {
    if (digits.find(text[at]) == digits.npos) return std::nullopt;
  }
  const auto number = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const minutes time{number(0) * 60 + number(3)};
  return number(3) < 60 && time < day ? std::optional(time) : std::nullopt;
}

std::string shown(minutes time) {
  return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

minutes read_time(JsonReader& reader, std::string_view name) {
  if (reader.require(name) == nullptr) return {};
  const auto text = reader.string(name);
  if (!text) return {};
  const auto time = parse_hour_and_minute(*text);
  if (!time) reader.refuse(name, "must be a time of day such as 22:00");
  return time.value_or(minutes{0});
}

QuietHours quiet_hours_from_json(const json::value& given, const std::string& pointer) {
  JsonReader reader(given, pointer);
  QuietHours hours;
  hours.from = read_time(reader, "from");
  hours.to = read_time(reader, "to");
  const auto mode = reader.require("mode") != nullptr ? reader.string("mode") : std::nullopt;
  if (mode == "skip") {
    hours.mode = QuietHours::Mode::skip;
  } else if (mode && mode != "silent") {
    reader.refuse("mode", "must be \"silent\" or \"skip\"");
  }
  if (!reader.is_refused() && hours.from == hours.to) {
    reader.refuse("to", "must not be the same as from");
  }
  reader.finish();
  return hours;
}

json::value to_json(const std::optional<QuietHours>& hours) {
  if (!hours) return nullptr;
  return json::object{{"from", shown(hours->from)},
                      {"to", shown(hours->to)},
                      {"mode", hours->mode == QuietHours::Mode::skip ? "skip" : "silent"}};
}

std::string template_from_json(const json::value& given, const std::string& pointer) {
  if (given.is_null()) return {};
  line::parse_template(given, pointer);
  return to_json_text(given);
}

}  // namespace

bool is_quiet(const QuietHours& hours, std::chrono::seconds time_of_day) {
  const bool after_from = time_of_day >= hours.from, before_to = time_of_day < hours.to;
  return hours.from < hours.to ? after_from && before_to : after_from || before_to;
}

void read_reminder_settings(JsonReader& reader, ReminderSettings& settings) {
  reader.within([&] {
    const json::value* leads = reader.find("leads_minutes");
    if (leads != nullptr) settings.leads = leads_from_json(*leads, "/leads_minutes");
  });
  const auto grace = reader.integer("grace_minutes", 1, max_grace.count());
  if (grace) settings.grace = minutes{*grace};
  reader.within([&] {
    const json::value* hours = reader.find("quiet_hours");
    if (hours == nullptr) return;
    settings.quiet_hours.reset();
    if (!hours->is_null()) settings.quiet_hours = quiet_hours_from_json(*hours, "/quiet_hours");
  });
  for (const auto& [name, text] : templates) {
    reader.within([&] {
      const json::value* given = reader.find(name);
      if (given != nullptr) settings.*text = template_from_json(*given, "/" + std::string(name));
    });
  }
  settings.moved_notice = reader.boolean("moved_notice").value_or(settings.moved_notice);
  const auto rate = reader.integer("multicasts_per_second", 1, max_multicasts_per_second);
  if (rate) settings.multicasts_per_second = static_cast<std::uint32_t>(*rate);
}

void add_to_json(json::object& object, const ReminderSettings& settings) {
  json::array leads;
  for (const minutes lead : settings.leads) leads.push_back(std::int64_t{lead.count()});
  object["leads_minutes"] = std::move(leads);
  object["grace_minutes"] = std::int64_t{settings.grace.count()};
  object["quiet_hours"] = to_json(settings.quiet_hours);
  for (const auto& [name, text] : templates) {
    const std::string& given = settings.*text;
    object[name] = given.empty() ? json::value(nullptr) : parse_json(given);
  }
  object["moved_notice"] = settings.moved_notice;
  object["multicasts_per_second"] = std::int64_t{settings.multicasts_per_second};
}

std::size_t bytes_of(const ReminderSettings& settings) {
  std::size_t bytes = settings.leads.size() * sizeof(minutes);
  for (const auto& [name, text] : templates) bytes += (settings.*text).size();
  return bytes;
}

}  // namespace callboard::audience
