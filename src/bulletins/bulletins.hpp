#pragma once

// The public header of this folder: bulletins, boards in memory, and their routes.

#include "bulletins/audience_page.hpp"
#include "bulletins/board_change.hpp"
#include "bulletins/board_reader.hpp"
#include "bulletins/board_routes.hpp"
#include "bulletins/board_streams.hpp"
#include "bulletins/boards.hpp"
#include "bulletins/bulletin.hpp"
#include "bulletins/bulletin_store.hpp"
#include "bulletins/check.hpp"
#include "bulletins/console_routes.hpp"
#include "bulletins/served_counts.hpp"
#include "bulletins/user_board_routes.hpp"
