#pragma once

// Which page of the console's table a request asks for. Pure.

#include "bulletins/bulletin_store.hpp"
#include "http/request.hpp"

namespace callboard::bulletins {

// ?page=1&size=10&q=&category=&state=live|scheduled|expired|disabled&sort=-updated_at (a leading
// '-' is descending). Throws Error{invalid} that names the parameter; unknown ones are refused.
ListQuery list_query(const http::Request& request);

}  // namespace callboard::bulletins
