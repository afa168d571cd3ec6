#pragma once

// What the console is told of a bulletin it has written: the bulletin, and beside it "warnings",
// where its condition is allowed but hardly meant. Pure.

#include <boost/json/fwd.hpp>

#include "bulletins/bulletin.hpp"

namespace callboard::bulletins {

// [{"pointer":"/bulletin_condition/conditions/1","message":"is always false"}, ...]
boost::json::array warnings_of(const boost::json::value& condition);

boost::json::object with_warnings(const Bulletin& bulletin, boost::json::array warnings);
boost::json::object with_warnings(const Bulletin& bulletin);

}  // namespace callboard::bulletins
