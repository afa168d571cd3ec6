#include "audience/application.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "audience/attributes.hpp"
#include "audience/web_address.hpp"
#include "base/json_reader.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

constexpr std::size_t max_time_zone_bytes = 64;
constexpr auto zoneinfo = "/usr/share/zoneinfo";

bool is_time_zone(std::string_view text) {
  if (text == "UTC") return true;  // also where no tzdata is installed
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  };
  if (text.empty() || text.size() > max_time_zone_bytes || text.front() == '/') return false;
  // "right/..." counts leap seconds, which nothing else here does.
  if (!std::ranges::all_of(text, allowed) || text.starts_with("right/")) return false;
  std::ifstream file(std::filesystem::path(zoneinfo) / text, std::ios::binary);
  char magic[4] = {};
  return file.read(magic, sizeof magic) && std::string_view(magic, sizeof magic) == "TZif";
}

bool may_be_server_only(std::string_view text) {
  return is_attribute_name(text) && !is_reserved_name(text);
}

void read_name(JsonReader& reader, std::string& name) {
  const auto given = reader.string("name");
  if (!given) return;
  const std::size_t characters = count_characters(*given);
  if (characters >= 1 && characters <= max_name_characters)
    name = *given;
  else
    reader.refuse("name", "must have 1 to " + std::to_string(max_name_characters) + " characters");
}

struct TextRule {
  bool (*holds)(std::string_view);
  const char* message;
};

void read_text(JsonReader& reader, std::string_view name, std::string& text, TextRule rule) {
  const auto given = reader.string(name);
  if (!given) return;
  if (rule.holds(*given))
    text = *given;
  else
    reader.refuse(name, rule.message);
}

void read_list(JsonReader& reader, std::string_view name, std::vector<std::string>& list,
               TextRule rule) {
  const json::value* given = reader.find(name);
  if (given == nullptr) return;
  const json::array* elements = given->if_array();
  if (elements == nullptr) return reader.refuse(name, "must be an array of strings");
  if (elements->size() > max_setting_entries) {
    return reader.refuse(name, "has more than " + std::to_string(max_setting_entries) + " entries");
  }
  list.clear();
  for (const json::value& element : *elements) {
    const json::string* text = element.if_string();
    if (text != nullptr && rule.holds(*text)) {
      list.emplace_back(*text);
    } else {
      const auto place = std::to_string(&element - elements->data());
      reader.refuse_at("/" + std::string(name) + "/" + place, rule.message);
      list.emplace_back();
    }
  }
}

json::array to_array(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

}  // namespace

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= max_id_bytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool AppSettings::is_server_only(std::string_view attribute) const {
  return std::ranges::find(server_only_attributes, attribute) != server_only_attributes.end();
}

namespace {

std::vector<Variable> declarations_from_json(const json::value& list, const std::string& pointer) {
  std::vector<Variable> attributes;
  read_elements(
      list, pointer, max_declared_attributes,
      [&](const json::value& each, const std::string& place) {
        Variable variable = variable_from_json(each, place);
        if (std::ranges::find(attributes, variable.name, &Variable::name) != attributes.end()) {
          throw invalid_at(place + "/name", "is there twice");
        }
        attributes.push_back(std::move(variable));
      });
  std::ranges::sort(attributes, {}, &Variable::name);
  return attributes;
}

struct RateLimitMember {
  const char* name;
  std::optional<std::uint32_t> AppRateLimits::* limit;
};
constexpr std::array<RateLimitMember, 2> rate_limit_members = {{
    {"writes_per_user", &AppRateLimits::writes_per_user},
    {"writes_per_app", &AppRateLimits::writes_per_app},
}};

AppRateLimits rate_limits_from_json(const json::value& value, const std::string& pointer) {
  JsonReader reader(value, pointer);
  AppRateLimits limits;
  for (const auto& [name, limit] : rate_limit_members) {
    const auto given = reader.integer(name, 1, max_rate_limit);
    if (given) limits.*limit = static_cast<std::uint32_t>(*given);
  }
  reader.finish();
  return limits;
}

json::object to_json(const AppRateLimits& limits) {
  json::object object;
  for (const auto& [name, limit] : rate_limit_members) {
    if (limits.*limit) object[name] = *(limits.*limit);
  }
  return object;
}

void read_event_rules(JsonReader& reader, AppSettings& settings) {
  const auto read = [&](const char* name, bool& value) {
    value = reader.boolean(name).value_or(value);
  };
  read("client_defined_events", settings.client_defined_events);
  read("limit_counts_ended", settings.limit_counts_ended);
  read("psycho_test_get_writes", settings.psycho_test_get_writes);
  const auto limit = reader.integer("max_subscriptions", 1, most_subscriptions);
  if (limit) settings.max_subscriptions = static_cast<std::uint32_t>(*limit);
}

json::array to_json(const std::vector<Variable>& variables) {
  json::array list;
  for (const Variable& variable : variables) list.push_back(to_json(variable));
  return list;
}

}  // namespace

const Variable* AppSettings::declared(std::string_view attribute) const {
  const auto found = std::ranges::lower_bound(attributes, attribute, {}, &Variable::name);
  return found != attributes.end() && found->name == attribute ? &*found : nullptr;
}

AppSettings changed_settings(AppSettings current, const json::value& changes,
                             const SealSecret& seal) {
  JsonReader reader(changes);
  read_name(reader, current.name);
  read_text(reader, "time_zone", current.time_zone,
            {is_time_zone, "must be a time zone such as Asia/Taipei"});
  read_list(reader, "hosts", current.hosts, {is_host, "must be a host such as example.org"});
  read_list(reader, "allowed_origins", current.allowed_origins,
            {is_origin, "must be an origin such as https://example.org"});
  read_text(reader, "front_end_url", current.front_end_url,
            {[](std::string_view text) { return text.empty() || is_front_end_url(text); },
             "must be an http or https URL without query and fragment"});
  current.undeclared_attributes =
      reader.boolean("undeclared_attributes").value_or(current.undeclared_attributes);
  read_list(reader, "server_only_attributes", current.server_only_attributes,
            {may_be_server_only, "must be the name of an attribute"});
  current.anonymous_sessions =
      reader.boolean("anonymous_sessions").value_or(current.anonymous_sessions);
  reader.within([&] {
    const json::value* list = reader.find("attributes");
    if (list != nullptr) current.attributes = declarations_from_json(*list, "/attributes");
  });
  reader.within([&] {
    const json::value* list = reader.find("providers");
    if (list == nullptr) return;
    current.providers = providers_from_json(*list, "/providers", current.providers, seal);
  });
  reader.within([&] {
    const json::value* limits = reader.find("rate_limits");
    if (limits != nullptr) current.rate_limits = rate_limits_from_json(*limits, "/rate_limits");
  });
  read_event_rules(reader, current);
  read_reminder_settings(reader, current.reminders);
  reader.within([&] {
    const json::value* line = reader.find("line");
    if (line != nullptr) current.line = changed_line_settings(current.line, *line, "/line", seal);
  });
  reader.within([&] {
    const json::value* login = reader.find("login");
    if (login != nullptr) current.login = changed_login_settings(current.login, *login, "/login");
  });
  reader.finish();
  return current;
}

json::object to_json(const AppSettings& settings) {
  json::object object = {{"name", settings.name},
                         {"time_zone", settings.time_zone},
                         {"hosts", to_array(settings.hosts)},
                         {"allowed_origins", to_array(settings.allowed_origins)},
                         {"front_end_url", settings.front_end_url},
                         {"undeclared_attributes", settings.undeclared_attributes},
                         {"server_only_attributes", to_array(settings.server_only_attributes)},
                         {"anonymous_sessions", settings.anonymous_sessions},
                         {"attributes", to_json(settings.attributes)},
                         {"providers", to_json(settings.providers)},
                         {"rate_limits", to_json(settings.rate_limits)},
                         {"client_defined_events", settings.client_defined_events},
                         {"max_subscriptions", std::int64_t{settings.max_subscriptions}},
                         {"limit_counts_ended", settings.limit_counts_ended},
                         {"psycho_test_get_writes", settings.psycho_test_get_writes},
                         {"login", to_json(settings.login)},
                         {"line", to_json(settings.line)}};
  add_to_json(object, settings.reminders);
  return object;
}

AppSettings settings_from_stored(const json::value& stored) {
  json::object members = stored.as_object();
  std::vector<ProviderSettings> providers;
  if (const json::value* list = members.if_contains("providers")) {
    providers = providers_from_stored(*list);
    members.erase("providers");
  }
  LineSettings line;
  if (const json::value* stored_line = members.if_contains("line")) {
    line = line_settings_from_stored(*stored_line);
    members.erase("line");
  }
  AppSettings settings = changed_settings({}, members);
  settings.providers = std::move(providers);
  settings.line = std::move(line);
  return settings;
}

json::object to_stored_json(const AppSettings& settings) {
  json::object stored = to_json(settings);
  stored["providers"] = to_stored_json(settings.providers);
  stored["line"] = to_stored_json(settings.line);
  return stored;
}

}  // namespace callboard::audience
