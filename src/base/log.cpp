#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <string>

#include "base/json.hpp"

namespace callboard::log {
namespace {

constexpr auto json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l"%v)";
constexpr auto text_pattern = "%H:%M:%S.%e %^%-7l%$ %v";

std::atomic<Format> current_format{Format::json};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_color_mt("callboard");
    made->set_pattern(json_pattern, spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::warn);
    return made;
  }();
  return *instance;
}

void append_value(std::string& out, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    append_json_string(out, is_valid_utf8(*text) ? *text : std::string_view("(not UTF-8)"));
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    out += std::to_string(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out += fmt::format("{}", *real);
  } else {
    out += std::get<bool>(value) ? "true" : "false";
  }
}

std::string fields_as_json(std::string_view event, Fields fields) {
  std::string out = ",\"event\":";
  append_json_string(out, event);
  for (const Field& field : fields) {
    out += ',';
    append_json_string(out, field.name);
    out += ':';
    append_value(out, field.value);
  }
  return out + '}';
}

std::string fields_as_text(std::string_view event, Fields fields) {
  std::string out(event);
  for (const Field& field : fields) {
    out += ' ';
    out += field.name;
    out += '=';
    append_value(out, field.value);
  }
  return out;
}

void write(spdlog::level::level_enum level, std::string_view event, Fields fields) {
  spdlog::logger& to = logger();
  if (!to.should_log(level)) return;
  const bool as_json = current_format.load(std::memory_order_relaxed) == Format::json;
  to.log(level, "{}", as_json ? fields_as_json(event, fields) : fields_as_text(event, fields));
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

}  // namespace

void configure(Level level, Format format) {
  current_format = format;
  logger().set_level(spdlog_level(level));
  logger().set_pattern(format == Format::json ? json_pattern : text_pattern,
                       spdlog::pattern_time_type::utc);
}

void debug(std::string_view event, Fields fields) {
  write(spdlog::level::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
  write(spdlog::level::info, event, fields);
}
void warning(std::string_view event, Fields fields) {
  write(spdlog::level::warn, event, fields);
}
void error(std::string_view event, Fields fields) {
  write(spdlog::level::err, event, fields);
}

}  // namespace callboard::log
