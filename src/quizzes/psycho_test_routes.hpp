#pragma once

// The festival's quiz, as its front end calls it: /psycho-test/... is the quiz `default`, which is
// made when its first type is. What is passed in outlives the routes.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "quizzes/statistics.hpp"
#include "quizzes/tally_writer.hpp"

namespace callboard::quizzes {

http::Routes psycho_test_routes(db::Database& database, TallyWriter& writer,
                                const Statistics& statistics,
                                const audience::Applications& applications, const Clock& clock);

}  // namespace callboard::quizzes
