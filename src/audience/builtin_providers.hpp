#pragma once

// The data providers that every app has, all of them from memory: user_id and registered_at; the
// headers X-App-Version, X-Device-Info, Accept-Language (its first tag) and X-Timezone; now; and
// the stored attributes. Their types, for who composes a registry; any thread.

#include <memory>

#include "audience/data_providers.hpp"

namespace callboard::audience {

std::unique_ptr<DataProvider> user_provider();
std::unique_ptr<DataProvider> request_provider();
std::unique_ptr<DataProvider> clock_provider();
// Supplies any name that the user has an attribute of; declares an app's server-only ones.
std::unique_ptr<DataProvider> attributes_provider(const Applications& applications);

}  // namespace callboard::audience
