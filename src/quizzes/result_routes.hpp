#pragma once

// What people and front ends call: adding a result to a quiz, and how often each came. What is
// passed in outlives the routes.

#include "http/route.hpp"
#include "quizzes/statistics.hpp"
#include "quizzes/tally_writer.hpp"

namespace callboard::quizzes {

http::Routes result_routes(TallyWriter& writer, const Statistics& statistics);

}  // namespace callboard::quizzes
