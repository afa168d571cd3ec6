#pragma once

// What an application's settings say of its http providers: the URLs that are asked for users'
// further variables. Pure: any thread.

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/variable.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_http_providers = 10;      // of one application
inline constexpr std::size_t max_provider_variables = 50;  // of one provider
inline constexpr std::chrono::milliseconds max_provider_timeout{2000};
inline constexpr std::chrono::seconds max_provider_ttl{86'400};
inline constexpr std::size_t max_header_value_bytes = 4096;

// Instead of a secret, wherever settings are shown; given back, it leaves the secret as it is.
inline constexpr std::string_view masked_secret = "********";

struct ProviderSettings {
  std::string name;  // as an id; unique within the application
  std::string url;   // http or https; it may have a query, no credentials
  std::vector<Variable> variables;
  std::chrono::milliseconds timeout{200};
  std::chrono::seconds ttl{60};  // of what it answered
  std::string header_name;       // sent along, with a secret value; empty: none
  std::string sealed_header_value;
};

// How a secret is kept, and read again; `context` says whose it is, and what was sealed for one
// context opens in no other.
struct SecretBox {
  std::function<std::string(std::string_view context, std::string_view secret)> seal;
  std::function<std::string(std::string_view context, std::string_view sealed)> open;
};
std::string provider_secret_context(std::string_view app_id, std::string_view provider_name);

// Seals what stands at that place of an application's settings: "provider/NAME", "line/MEMBER".
using SealSecret = std::function<std::string(std::string_view place, std::string_view secret)>;

// The list as an operator gives it. A provider that is among `current` under the same name keeps
// its secret where the value is absent or masked, as long as its URL stays on the same host and
// port: else a secret could be sent off by somebody who may not read it. A null `seal`: secrets
// can't be set here. Throws Error{invalid} with a pointer for each culprit.
std::vector<ProviderSettings> providers_from_json(const boost::json::value& list,
                                                  const std::string& pointer,
                                                  const std::vector<ProviderSettings>& current,
                                                  const SealSecret& seal);
boost::json::array to_json(const std::vector<ProviderSettings>& providers);  // secrets masked

// As the database has it: the secrets sealed.
std::vector<ProviderSettings> providers_from_stored(const boost::json::value& list);
boost::json::array to_stored_json(const std::vector<ProviderSettings>& providers);

}  // namespace callboard::audience
