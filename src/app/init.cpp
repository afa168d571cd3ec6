#include <boost/json.hpp>
#include <iostream>

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "identity/identity.hpp"

namespace callboard::app {

int init(const Settings& settings, bool as_json) {
  const SystemClock clock;
  Metrics metrics;
  const auto database = db::open(database_options(settings, clock, metrics));
  const identity::KeyStore keys(server_key_of(settings, *database));
  const identity::Bootstrap made = identity::bootstrap(*database, keys, clock);
  const boost::json::object shown{
      {"workspace_id", made.workspace_id},   {"app_id", made.app_id},
      {"client_key", made.client_key},       {"server_key", made.server_key},
      {"server_key_id", made.server_key_id}, {"api_token", made.api_token}};
  if (as_json) {
    std::cout << boost::json::serialize(shown) << "\n";
    return 0;
  }
  for (const auto& [name, value] : shown) {
    std::cout << std::string_view(name) << ' ' << std::string_view(value.get_string()) << "\n";
  }
  return 0;
}

}  // namespace callboard::app
