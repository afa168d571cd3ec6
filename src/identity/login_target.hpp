#pragma once

// Where a login ends: a page of the application's front end and nowhere else, whatever the browser
// was told to ask for. Pure: any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "audience/audience.hpp"

namespace callboard::identity {

inline constexpr std::size_t max_redirect_path_bytes = 2048;

// `referer`: the header, if any. Its origin counts where the application allows that origin;
// otherwise the front end's does. `redirect_path`: a path from the origin, with query and fragment
// if need be, decoded; empty: the front end's own base path. Where the application has no front
// end, the answer is a path of this server's own. Throws Error{invalid}.
std::string login_target(const audience::AppSettings& settings,
                         std::optional<std::string_view> referer, std::string_view redirect_path);

// `target` with one more pair in its query.
std::string with_query_pair(std::string_view target, std::string_view name, std::string_view value);

}  // namespace callboard::identity
