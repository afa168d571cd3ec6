#pragma once

// "What does this user see, and why?", for operators: every enabled bulletin that has not expired,
// with whether the user sees it now and how its condition comes to that. What is passed in outlives
// the routes.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "bulletins/boards.hpp"
#include "http/route.hpp"

namespace callboard::bulletins {

inline constexpr std::size_t max_explained_bulletins = 200;  // the first of the board's order

http::Routes user_board_routes(Boards& boards, const audience::Users& users,
                               const audience::DataProviders& providers, const Clock& clock);

}  // namespace callboard::bulletins
