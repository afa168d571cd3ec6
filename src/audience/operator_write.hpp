#pragma once

// How an operator's write is answered: when it is committed, with what it came to. Any thread; does
// not block. `database` outlives the answer.

#include <functional>

#include "db/database.hpp"
#include "http/response.hpp"

namespace callboard::audience {

// Runs in a transaction of its own; what it throws undoes that and is the answer.
using OperatorWrite = std::function<http::Response(db::Transaction&)>;

void answer_after_write(db::Database& database, http::Responder responder, OperatorWrite write);

}  // namespace callboard::audience
