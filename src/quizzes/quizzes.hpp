#pragma once

// The public header of this folder: quizzes, their results and statistics, and the routes of all
// that. Built by app/ in this order: the data provider, Statistics, StatisticsStreams, TallyWriter,
// the routes.

#include "quizzes/check.hpp"
#include "quizzes/console_routes.hpp"
#include "quizzes/psycho_test_routes.hpp"
#include "quizzes/quiz.hpp"
#include "quizzes/quiz_changes.hpp"
#include "quizzes/quiz_results.hpp"
#include "quizzes/result_routes.hpp"
#include "quizzes/statistics.hpp"
#include "quizzes/statistics_streams.hpp"
#include "quizzes/tally_writer.hpp"
