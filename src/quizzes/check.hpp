#pragma once

// For `callboard check`: whether what is stored of quizzes keeps their rules.

#include <functional>
#include <string>

#include "db/database.hpp"

namespace callboard::quizzes {

// Calls `report` with a sentence for each row that breaks a rule.
void check_stored(db::Transaction& transaction, const std::function<void(std::string)>& report);

}  // namespace callboard::quizzes
