#pragma once

// How long before its start an event's subscribers are reminded, where the event says so itself. A
// matter of operators: people are not shown it. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.hpp"

namespace callboard::events {

// In minutes, from 1 to audience::max_lead; at most audience::max_leads, all different, the longest
// first. Nothing: as the application has it; empty: no reminders.
using Leads = std::optional<std::vector<std::uint32_t>>;

// The member `leads_minutes`: an array in any order, or null. Nothing where absent. Errors are
// recorded in the reader.
std::optional<Leads> read_leads(JsonReader& reader);
// Appends the member to an object that has others already and is still open.
void append_leads(std::string& out, const Leads& leads);

// As they are stored. Throws Error{internal} where that is damaged.
std::optional<std::string> stored_leads(const Leads& leads);
Leads leads_from_stored(const std::optional<std::string>& text);

}  // namespace callboard::events
