#include "bulletins/list_query.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "bulletins/console_request.hpp"

namespace callboard::bulletins {
namespace {

constexpr std::size_t max_text_bytes = 1024;

State state_named(std::string_view name) {
  constexpr std::pair<std::string_view, State> states[] = {{"live", State::live},
                                                           {"scheduled", State::scheduled},
                                                           {"expired", State::expired},
                                                           {"disabled", State::disabled}};
  const auto* found = std::ranges::find(states, name, [](const auto& s) { return s.first; });
  if (found != std::end(states)) return found->second;
  throw Error(ErrorCode::invalid, "state must be live, scheduled, expired or disabled");
}

void read_sort(std::string_view text, ListQuery& query) {
  query.descending = text.starts_with('-');
  query.order = std::string(query.descending ? text.substr(1) : text);
  const auto& members = sortable_members();
  if (std::ranges::find(members, query.order) != members.end()) return;
  throw Error(ErrorCode::invalid, "sort can't be by \"" + query.order + "\"");
}

}  // namespace

ListQuery list_query(const http::Request& request) {
  ListQuery query;
  for (auto& [name, value] : request.query_pairs()) {
    if (value.size() > max_text_bytes) throw Error(ErrorCode::invalid, name + " is too long");
    if (name == "page")
      query.page = whole_number(name, value, max_page);
    else if (name == "size")
      query.size = whole_number(name, value, max_page_size);
    else if (name == "q")
      query.text = std::move(value);
    else if (name == "category")
      query.category = std::move(value);
    else if (name == "state")
      query.state = state_named(value);
    else if (name == "sort")
      read_sort(value, query);
    else
      throw Error(ErrorCode::invalid, "unknown query parameter " + name);
  }
  return query;
}

}  // namespace callboard::bulletins
