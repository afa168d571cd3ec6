#pragma once

// How an operator's write is confirmed and answered: when it is committed, with what it came to.
// Any thread; does not block. `database` outlives the answer.

#include <functional>
#include <string_view>

#include "db/database.hpp"
#include "http/response.hpp"

namespace callboard::audience {

// Runs in a transaction of its own; what it throws undoes that and is the answer.
using OperatorWrite = std::function<http::Response(db::Transaction&)>;

void answer_after_write(db::Database& database, http::Responder responder, OperatorWrite write);

// What can't be undone is asked for with its name: the body must be {"confirm": ID}. Throws
// Error{invalid}.
void require_confirmation(std::string_view body, std::string_view id);

}  // namespace callboard::audience
