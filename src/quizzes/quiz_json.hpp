#pragma once

// Quizzes as the console reads and writes them. The readers throw Error{invalid} with a pointer for
// each culprit. Pure: any thread.

#include <boost/json/fwd.hpp>
#include <string>

#include "quizzes/quiz.hpp"
#include "quizzes/quiz_changes.hpp"

namespace callboard::quizzes {

// {"key","title"?,"one_result_per_user"?,"types"?:[{"type","title"?} or "type"]}
QuizDraft quiz_from_json(const boost::json::value& body);
// {"title"?,"one_result_per_user"?}
QuizRevision quiz_revision_from_json(const boost::json::value& body);
// {"type","title"?}
ResultType type_from_json(const boost::json::value& body, const std::string& pointer = "");
// {"type"?,"title"?}
TypeRevision type_revision_from_json(const boost::json::value& body);

// With its statistics.
std::string shown(const Quiz& quiz);

}  // namespace callboard::quizzes
