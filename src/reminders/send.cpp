#include "reminders/send.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace callboard::reminders {
namespace {

constexpr std::array<std::string_view, 3> kinds = {"reminder", "moved", "bulletin"};
constexpr std::array<std::string_view, 8> states = {"scheduled", "held",    "paging",  "sending",
                                                    "done",      "expired", "skipped", "cancelled"};

}  // namespace

std::string_view name_of(SendKind kind) {
  return kinds.at(static_cast<std::size_t>(kind));
}

SendKind send_kind_named(std::string_view name) {
  const auto found = std::ranges::find(kinds, name);
  if (found == kinds.end()) throw Error(ErrorCode::internal, "a stored send is damaged");
  return static_cast<SendKind>(found - kinds.begin());
}

std::string_view name_of(SendState state) {
  return states.at(static_cast<std::size_t>(state));
}

std::optional<SendState> send_state_named(std::string_view name) {
  const auto found = std::ranges::find(states, name);
  if (found == states.end()) return std::nullopt;
  return static_cast<SendState>(found - states.begin());
}

}  // namespace callboard::reminders
