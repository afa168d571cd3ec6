#pragma once

// A data provider of one variable: a list of texts that the database keeps of each user. In memory
// for the users who were asked about last; follows the changes of kind provided_change.
//
// Owned by the registry it is added to; any thread; what is passed in outlives it.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "audience/data_providers.hpp"
#include "base/metrics.hpp"
#include "conditions/value.hpp"
#include "db/database.hpp"

namespace callboard::audience {

struct ListProvider {
  std::string name;  // of the provider, as explanations show it
  Variable variable;
  std::size_t max_bytes;  // in memory
  // A step of a reading transaction.
  std::function<conditions::Value::Array(db::Transaction&, std::string_view app_id,
                                         std::string_view user_id)>
      read;
};

std::unique_ptr<DataProvider> list_provider(ListProvider description, db::Database& database,
                                            const Clock& clock, Metrics& metrics);

}  // namespace callboard::audience
