// The configuration file: whatever it says, it is taken, or refused with an error that names a
// culprit; and what is shown of it is never the server key.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/configuration.hpp"
#include "base/error.hpp"

namespace {

using namespace callboard;
using namespace callboard::app;

void require(bool holds) {
  if (!holds) std::abort();
}

// Each setting is shown.
void check_description(const std::string& text) {
  for (const SettingSpec& spec : setting_specs()) {
    require(text.find(std::string(spec.name) + " ") != text.npos);
  }
}

void try_configuration(const Settings& settings) {
  check_description(settings.describe());
  try {
    const Configuration configuration = configuration_of(settings);
    require(configuration.work_threads >= 1 && configuration.work_threads <= 256);
    require(configuration.server.limits.connections >= 1);
    require(!configuration.server.address.empty());
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid && !error.message().empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Settings settings;
  try {
    settings.read_text(text, "fuzz.toml");
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid && !error.message().empty());
    return 0;
  }
  try_configuration(settings);
  return 0;
}
