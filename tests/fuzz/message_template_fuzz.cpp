// What an operator writes as a message's template, and whatever values are put into it. An input is
// the template, and behind a NUL the values, each behind a NUL of its own.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "line/message_limits.hpp"
#include "line/message_template.hpp"
#include "line/reminder_templates.hpp"

namespace callboard::line {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_part(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find('\0'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

void try_render(const MessageTemplate& given, const TemplateValues& values) {
  const std::string sent = render(given, values);
  require(is_valid_utf8(sent) && check_messages_text(sent).empty());
}

void try_template(std::string_view text) {
  const std::string_view given = take_part(text);
  TemplateValues values;
  for (const std::string_view name : template_placeholders) {
    values[std::string(name)] = take_part(text);
  }
  try_render(reminder_template(), values);
  try_render(moved_template(), values);
  try {
    const MessageTemplate parsed = parse_template_text(given);
    try_render(parsed, values);
    try_render(parsed, {});
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid);
  }
}

}  // namespace
}  // namespace callboard::line

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  callboard::line::try_template({reinterpret_cast<const char*>(data), size});
  return 0;
}
