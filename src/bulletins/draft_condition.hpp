#pragma once

// The condition in a body that asks about it without saving it: preview and audience. Pure.

#include "base/json_reader.hpp"
#include "bulletins/bulletin.hpp"
#include "conditions/condition.hpp"

namespace callboard::bulletins {

// "bulletin_condition", which has to be there, and "bulletin_id", whose rollouts are meant. What is
// wrong is recorded in `body`.
conditions::Condition read_draft_condition(JsonReader& body, const IsDeclared& is_declared);

}  // namespace callboard::bulletins
