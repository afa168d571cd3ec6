#pragma once

// The program's settings as text, with where each value came from. One table names them all; a
// value comes from a flag, else the environment (CALLBOARD_NAME), else the TOML file, else the
// default. Unknown names are errors. Filled once at start, by one thread.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::app {

struct SettingSpec {
  std::string_view name;           // "listen": --listen, CALLBOARD_LISTEN, listen = "..."
  std::string_view default_value;  // as text; lists are separated by commas
  std::string_view help;
  bool is_flag = false;    // true or false; on the command line without a value
  bool is_secret = false;  // masked where it is shown
};
std::span<const SettingSpec> setting_specs();

struct SettingValue {
  std::string text;
  std::string source = "default";  // "flag --listen", "environment CALLBOARD_LISTEN", "FILE"
};

class Settings {
 public:
  Settings();  // defaults only

  // Each overrides what was there. Throws Error{invalid} that names the setting and the source.
  void read_file(const std::string& path);
  // TOML; `path` is what errors call it.
  void read_text(std::string_view toml, const std::string& path);
  // `environment`: NAME=value strings. Unknown CALLBOARD_ names are errors.
  void read_environment(std::span<const std::string> environment);
  void set_flag(std::string_view name, std::string value);

  const std::string& text(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t low, std::int64_t high) const;
  double real(std::string_view name, double low, double high) const;
  std::vector<std::string> list(std::string_view name) const;
  std::string choice(std::string_view name, std::span<const std::string_view> choices) const;
  const SettingValue& value(std::string_view name) const;

  // One line a setting: name = value  # source. Secrets, and passwords in URLs, are masked.
  std::string describe() const;

 private:
  void set(std::string_view name, std::string text, std::string source);

  std::map<std::string, SettingValue, std::less<>> values_;
};

}  // namespace callboard::app
