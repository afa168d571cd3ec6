#pragma once

// What the console is shown of a bulletin: its members, how often it was served, and, where it has
// just been written, warnings.

#include <boost/json.hpp>
#include <string_view>

#include "bulletins/bulletin.hpp"
#include "bulletins/served_counts.hpp"
#include "db/database.hpp"

namespace callboard::bulletins {

// What a condition allows but hardly means:
// [{"pointer":"/bulletin_condition/conditions/1","message":"is always false"}, ...]
boost::json::array warnings_of(const boost::json::value& condition);

// "warnings" only where there are any.
boost::json::object shown(db::Transaction& transaction, const ServedCounts& counts,
                          std::string_view app_id, const Bulletin& bulletin,
                          boost::json::array warnings = {});

}  // namespace callboard::bulletins
