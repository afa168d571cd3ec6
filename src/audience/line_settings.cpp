#include "audience/line_settings.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <initializer_list>
#include <utility>

#include "audience/web_address.hpp"
#include "base/json_reader.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

struct TextMember {
  const char* name;
  std::string LineSettings::* text;
};
constexpr std::array<TextMember, 2> ids = {{
    {"channel_id", &LineSettings::channel_id},
    {"messaging_channel_id", &LineSettings::messaging_channel_id},
}};
constexpr std::array<TextMember, 3> secrets = {{
    {"channel_secret", &LineSettings::sealed_channel_secret},
    {"messaging_channel_secret", &LineSettings::sealed_messaging_channel_secret},
    {"channel_access_token", &LineSettings::sealed_channel_access_token},
}};
constexpr std::array<TextMember, 2> base_urls = {{
    {"api_base_url", &LineSettings::api_base_url},
    {"access_base_url", &LineSettings::access_base_url},
}};

bool is_printable(std::string_view text) {
  return text.size() <= max_channel_text_bytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void read_id(JsonReader& reader, const TextMember& member, LineSettings& settings) {
  const auto given = reader.string(member.name);
  if (!given) return;
  if (!is_printable(*given)) return reader.refuse(member.name, "must be a channel's id");
  settings.*member.text = *given;
}

// Base URLs are kept without the final '/', as paths are appended to them.
void read_url(JsonReader& reader, const TextMember& member, LineSettings& settings) {
  auto given = reader.string(member.name);
  if (!given) return;
  while (given->ends_with('/')) given->pop_back();
  if (!is_front_end_url(*given)) {
    return reader.refuse(member.name, "must be an http or https URL without query and fragment");
  }
  settings.*member.text = std::move(*given);
}

void read_issuer(JsonReader& reader, LineSettings& settings) {
  const auto given = reader.string("issuer");
  if (!given) return;
  if (given->empty() || !is_printable(*given)) return reader.refuse("issuer", "must be a URL");
  settings.issuer = *given;
}

void read_secret(JsonReader& reader, const TextMember& member, LineSettings& settings,
                 bool must_be_given_again, const SealSecret& seal) {
  const json::value* value = reader.find(member.name);
  std::string& sealed = settings.*member.text;
  const bool stays =
      value == nullptr || (value->is_string() && value->get_string() == masked_secret);
  if (stays) {
    if (must_be_given_again && !sealed.empty()) {
      reader.refuse(member.name, "must be given again, since api_base_url leads to another server");
    }
    return;
  }
  if (value->is_null()) return sealed.clear();
  const auto given = reader.string(member.name);
  if (!given) return;
  if (!is_printable(*given)) {
    reader.refuse(member.name, "must be printable text without spaces");
  } else if (given->empty()) {
    sealed.clear();
  } else if (!seal) {
    reader.refuse(member.name, "can't be set here");
  } else {
    sealed = seal("line/" + std::string(member.name), *given);
  }
}

void read_choice(JsonReader& reader, std::string_view name, std::string& text,
                 std::initializer_list<std::string_view> choices) {
  const auto given = reader.string(name);
  if (!given) return;
  if (std::ranges::find(choices, *given) != choices.end()) {
    text = *given;
    return;
  }
  std::string message = "must be one of";
  for (const std::string_view choice : choices) message.append(" \"").append(choice).append("\"");
  reader.refuse(name, message);
}

}  // namespace

std::string line_secret_context(std::string_view app_id, std::string_view member) {
  return std::string(app_id) + "/line/" + std::string(member);
}

LineSettings changed_line_settings(LineSettings current, const json::value& changes,
                                   const std::string& pointer, const SealSecret& seal) {
  JsonReader reader(changes, pointer);
  const std::string server = server_of(current.api_base_url);
  for (const TextMember& id : ids) read_id(reader, id, current);
  for (const TextMember& url : base_urls) read_url(reader, url, current);
  read_issuer(reader, current);
  const bool leads_elsewhere = server_of(current.api_base_url) != server;
  for (const TextMember& secret : secrets) {
    read_secret(reader, secret, current, leads_elsewhere, seal);
  }
  reader.finish();
  return current;
}

LoginSettings changed_login_settings(LoginSettings current, const json::value& changes,
                                     const std::string& pointer) {
  JsonReader reader(changes, pointer);
  current.require_friend = reader.boolean("require_friend").value_or(current.require_friend);
  read_choice(reader, "prompt", current.prompt, {"consent", "login", "none", ""});
  read_choice(reader, "bot_prompt", current.bot_prompt, {"aggressive", "normal", ""});
  current.tokens_in_query = reader.boolean("tokens_in_query").value_or(current.tokens_in_query);
  read_choice(reader, "cookie_same_site", current.cookie_same_site, {"lax", "strict", "none"});
  reader.finish();
  return current;
}

json::object to_json(const LineSettings& settings) {
  json::object object;
  for (const auto& [name, text] : ids) object[name] = settings.*text;
  for (const auto& [name, text] : secrets) {
    object[name] = (settings.*text).empty() ? "" : masked_secret;
  }
  for (const auto& [name, text] : base_urls) object[name] = settings.*text;
  object["issuer"] = settings.issuer;
  return object;
}

json::object to_json(const LoginSettings& settings) {
  return {{"require_friend", settings.require_friend},
          {"prompt", settings.prompt},
          {"bot_prompt", settings.bot_prompt},
          {"tokens_in_query", settings.tokens_in_query},
          {"cookie_same_site", settings.cookie_same_site}};
}

LineSettings line_settings_from_stored(const json::value& stored) {
  json::object members = stored.as_object();
  LineSettings settings;
  for (const auto& [name, text] : secrets) {
    if (const json::value* sealed = members.if_contains(name)) {
      settings.*text = std::string(sealed->as_string());
    }
    members.erase(name);
  }
  LineSettings read = changed_line_settings({}, members, "", nullptr);
  for (const auto& [name, text] : secrets) read.*text = std::move(settings.*text);
  return read;
}

json::object to_stored_json(const LineSettings& settings) {
  json::object stored = to_json(settings);
  for (const auto& [name, text] : secrets) stored[name] = settings.*text;
  return stored;
}

std::size_t bytes_of(const LineSettings& settings) {
  std::size_t bytes = settings.issuer.size();
  for (const auto& [name, text] : ids) bytes += (settings.*text).size();
  for (const auto& [name, text] : secrets) bytes += (settings.*text).size();
  for (const auto& [name, text] : base_urls) bytes += (settings.*text).size();
  return bytes;
}

}  // namespace callboard::audience
