#include "events/leads.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

constexpr auto longest = static_cast<std::uint32_t>(audience::max_lead.count());

// Tells of each that breaks a rule, by its place.
std::vector<std::uint32_t> leads_of(
    const json::array& given,
    const std::function<void(std::size_t place, std::string message)>& refuse) {
  std::vector<std::uint32_t> leads;
  for (std::size_t place = 0; place < given.size(); ++place) {
    const std::int64_t* number = given[place].if_int64();
    if (number == nullptr || *number < 1 || *number > longest) {
      refuse(place, fmt::format("must be a whole number from 1 to {}", longest));
    } else if (std::ranges::find(leads, *number) != leads.end()) {
      refuse(place, "is there twice");
    } else {
      leads.push_back(static_cast<std::uint32_t>(*number));
    }
  }
  std::ranges::sort(leads, std::greater());
  return leads;
}

[[noreturn]] void report_damage(std::string text) {
  throw Error(ErrorCode::internal, "an event's stored leads are damaged")
      .with_private(std::move(text));
}

}  // namespace

std::optional<Leads> read_leads(JsonReader& reader) {
  constexpr auto name = "leads_minutes";
  const json::value* given = reader.find(name);
  if (given == nullptr) return std::nullopt;
  if (given->is_null()) return Leads();
  const json::array* array = given->if_array();
  if (array == nullptr || array->size() > audience::max_leads) {
    reader.refuse(name, fmt::format("must be null or an array of at most {}", audience::max_leads));
    return std::nullopt;
  }
  return leads_of(*array, [&](std::size_t place, std::string message) {
    reader.refuse_at(fmt::format("/{}/{}", name, place), std::move(message));
  });
}

void append_leads(std::string& out, const Leads& leads) {
  out += ",\"leads_minutes\":" + stored_leads(leads).value_or("null");
}

std::optional<std::string> stored_leads(const Leads& leads) {
  if (!leads) return std::nullopt;
  return fmt::format("[{}]", fmt::join(*leads, ","));
}

Leads leads_from_stored(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  json::error_code failure;
  const json::value stored = json::parse(*text, failure);
  const json::array* array = failure ? nullptr : stored.if_array();
  if (array == nullptr || array->size() > audience::max_leads) report_damage(*text);
  return leads_of(*array, [&](std::size_t, const std::string&) { report_damage(*text); });
}

}  // namespace callboard::events
