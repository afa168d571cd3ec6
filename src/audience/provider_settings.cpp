#include "audience/provider_settings.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "audience/application.hpp"
#include "audience/web_address.hpp"
#include "base/error.hpp"
#include "http/request.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

constexpr std::size_t max_header_name_bytes = 64;

// RFC 9110 §5.6.2, a token.
bool is_header_name(std::string_view text) {
  return !text.empty() && text.size() <= max_header_name_bytes &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
         });
}

bool is_header_value(std::string_view text, std::size_t max_bytes) {
  return !text.empty() && text.size() <= max_bytes && text.front() != ' ' && text.back() != ' ' &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Those that curl or the provider sets itself.
bool is_own_header(std::string_view name) {
  constexpr std::array own = {"Host",       "Content-Type",      "Content-Length",
                              "Connection", "Transfer-Encoding", "Expect"};
  return std::ranges::any_of(
      own, [&](const char* each) { return http::equal_ignoring_case(each, name); });
}

const ProviderSettings* named(const std::vector<ProviderSettings>& providers,
                              std::string_view name) {
  const auto found = std::ranges::find(providers, name, &ProviderSettings::name);
  return found == providers.end() ? nullptr : &*found;
}

// What is done with a secret.
struct Sealing {
  const SealSecret& seal;
  std::size_t max_bytes = max_header_value_bytes;  // as it is given
};

void read_secret(JsonReader& reader, ProviderSettings& provider, const ProviderSettings* current,
                 const Sealing& sealing) {
  const auto value = reader.string("value");
  if (value && *value != masked_secret) {
    if (!is_header_value(*value, sealing.max_bytes)) {
      reader.refuse("value", "must be 1 to 4096 visible ASCII characters");
    } else if (!sealing.seal) {
      reader.refuse("value", "can't be set here");
    } else {
      provider.sealed_header_value = sealing.seal("provider/" + provider.name, *value);
    }
  } else if (current == nullptr || current->sealed_header_value.empty()) {
    reader.refuse("value", "is missing");
  } else if (server_of(current->url) != server_of(provider.url)) {
    reader.refuse("value", "must be given again, since the url leads to another server");
  } else {
    provider.sealed_header_value = current->sealed_header_value;
  }
}

void read_header(const json::value& value, const std::string& pointer, ProviderSettings& provider,
                 const ProviderSettings* current, const Sealing& sealing) {
  JsonReader reader(value, pointer);
  reader.require("name");
  provider.header_name = reader.string("name").value_or("");
  if (!is_header_name(provider.header_name)) {
    reader.refuse("name", "must be the name of a header");
  } else if (is_own_header(provider.header_name)) {
    reader.refuse("name", "is set by the server itself");
  }
  read_secret(reader, provider, current, sealing);
  reader.finish();
}

std::vector<Variable> read_variables(const json::value& list, const std::string& pointer) {
  std::vector<Variable> variables;
  read_elements(list, pointer, max_provider_variables,
                [&](const json::value& each, const std::string& place) {
                  variables.push_back(variable_from_json(each, place));
                });
  return variables;
}

ProviderSettings read_provider(const json::value& value, const std::string& pointer,
                               const std::vector<ProviderSettings>& current,
                               const Sealing& sealing) {
  JsonReader reader(value, pointer);
  ProviderSettings provider;
  reader.require("name");
  provider.name = reader.string("name").value_or("");
  if (!is_id(provider.name)) reader.refuse("name", "must be 1 to 64 of a-z 0-9 _ -");
  reader.require("url");
  provider.url = reader.string("url").value_or("");
  if (!is_callable_url(provider.url)) {
    reader.refuse("url", "must be an http or https URL without credentials and fragment");
  }
  if (const json::value* list = reader.require("variables")) {
    reader.within([&] { provider.variables = read_variables(*list, pointer + "/variables"); });
  }
  const auto timeout = reader.integer("timeout_ms", 10, max_provider_timeout.count());
  if (timeout) provider.timeout = std::chrono::milliseconds{*timeout};
  const auto ttl = reader.integer("ttl_seconds", 1, max_provider_ttl.count());
  if (ttl) provider.ttl = std::chrono::seconds{*ttl};
  if (const json::value* header = reader.find("header"); header && !header->is_null()) {
    const ProviderSettings* before = named(current, provider.name);
    reader.within([&] { read_header(*header, pointer + "/header", provider, before, sealing); });
  }
  reader.finish();
  return provider;
}

// Each name once: of providers, and of variables among all of them.
void check_names(const std::vector<ProviderSettings>& providers, const std::string& pointer) {
  std::vector<std::string_view> names, variables;
  const auto take = [](std::vector<std::string_view>& taken, std::string_view name,
                       const std::string& place) {
    if (std::ranges::find(taken, name) != taken.end()) throw invalid_at(place, "is there twice");
    taken.push_back(name);
  };
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const std::string place = pointer + "/" + std::to_string(i);
    take(names, providers[i].name, place + "/name");
    for (std::size_t j = 0; j < providers[i].variables.size(); ++j) {
      take(variables, providers[i].variables[j].name,
           place + "/variables/" + std::to_string(j) + "/name");
    }
  }
}

std::vector<ProviderSettings> read_list(const json::value& list, const std::string& pointer,
                                        const std::vector<ProviderSettings>& current,
                                        const Sealing& sealing) {
  std::vector<ProviderSettings> providers;
  read_elements(list, pointer, max_http_providers,
                [&](const json::value& each, const std::string& place) {
                  providers.push_back(read_provider(each, place, current, sealing));
                });
  check_names(providers, pointer);
  return providers;
}

json::object to_json(const ProviderSettings& provider) {
  json::array variables;
  for (const Variable& variable : provider.variables) variables.push_back(to_json(variable));
  return {{"name", provider.name},
          {"url", provider.url},
          {"variables", std::move(variables)},
          {"timeout_ms", provider.timeout.count()},
          {"ttl_seconds", provider.ttl.count()}};
}

}  // namespace

std::string provider_secret_context(std::string_view app_id, std::string_view provider_name) {
  return std::string(app_id) + "/provider/" + std::string(provider_name);
}

std::vector<ProviderSettings> providers_from_json(const json::value& list,
                                                  const std::string& pointer,
                                                  const std::vector<ProviderSettings>& current,
                                                  const SealSecret& seal) {
  return read_list(list, pointer, current, {seal});
}

json::array to_json(const std::vector<ProviderSettings>& providers) {
  json::array list;
  for (const ProviderSettings& provider : providers) {
    json::object object = to_json(provider);
    if (!provider.header_name.empty()) {
      object["header"] = {{"name", provider.header_name}, {"value", masked_secret}};
    }
    list.push_back(std::move(object));
  }
  return list;
}

std::vector<ProviderSettings> providers_from_stored(const json::value& list) {
  // What is in its place is sealed already.
  const SealSecret as_it_is = [](std::string_view, std::string_view sealed) {
    return std::string(sealed);
  };
  return read_list(list, "", {}, {as_it_is, 2 * max_header_value_bytes});
}

json::array to_stored_json(const std::vector<ProviderSettings>& providers) {
  json::array list = to_json(providers);
  for (std::size_t i = 0; i < providers.size(); ++i) {
    if (providers[i].header_name.empty()) continue;
    list[i].at("header").as_object()["value"] = providers[i].sealed_header_value;
  }
  return list;
}

}  // namespace callboard::audience
