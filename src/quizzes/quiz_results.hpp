#pragma once

// Which results a user had: as the data provider of `quiz_results`, a list of "quiz/type", and for
// showing and erasing all that is stored of somebody.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <memory>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"

namespace callboard::quizzes {

inline constexpr std::size_t quiz_results_bytes = std::size_t{16} << 20;

// In memory for the users who were asked about last. Owned by the registry it is added to; any
// thread; what is passed in outlives it.
std::unique_ptr<audience::DataProvider> quiz_results_provider(db::Database& database,
                                                              const Clock& clock, Metrics& metrics);

// Steps of the caller's transaction.
// {"quiz_results":[{"quiz","type","answered_at"}]}, the newest first; empty where there is none.
boost::json::object show_quiz_results(db::Transaction& transaction, std::string_view app_id,
                                      std::string_view user_id);
// The tallies, which tell of nobody in particular, stay. False: there was nothing.
bool erase_quiz_results(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id);

}  // namespace callboard::quizzes
