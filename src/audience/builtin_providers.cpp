#include "audience/builtin_providers.hpp"

#include <utility>

namespace callboard::audience {
namespace {

class UserProvider final : public DataProvider {
 public:
  std::string_view name() const override { return "user"; }
  bool follows_subject() const override { return true; }

  std::vector<Variable> variables(std::string_view) const override {
    return {{"user_id", "string", "The user's id, as the app gave it"},
            {"registered_at", "datetime", "When the user was first heard of"}};
  }

  bool fill(const Subject& subject, std::span<const Wanted> wanted,
            Scratch& scratch) const override {
    const User& user = *subject.user;
    for (const auto& [name, variable, slot] : wanted) {
      scratch.set(slot, variable == 0 ? &user.user_id_value() : &user.registered_at_value());
    }
    return true;
  }
};

// "zh-TW" of "zh-TW,zh;q=0.9"; nothing of "*".
std::string_view first_language(std::string_view accepted) {
  const std::string_view tag = accepted.substr(0, accepted.find_first_of(",; \t"));
  return tag == "*" ? std::string_view() : tag;
}

class RequestProvider final : public DataProvider {
 public:
  std::string_view name() const override { return "request"; }
  bool follows_subject() const override { return true; }

  std::vector<Variable> variables(std::string_view) const override {
    // In the order of context_headers.
    return {{"app_version", "version", "The app's version: header X-App-Version"},
            {"device_info", "string", "ios, android, web, ...: header X-Device-Info"},
            {"language", "string", "The preferred language: first tag of Accept-Language"},
            {"timezone", "string", "The device's time zone: header X-Timezone"}};
  }

  bool fill(const Subject& subject, std::span<const Wanted> wanted,
            Scratch& scratch) const override {
    if (subject.request == nullptr) return true;
    for (const auto& [name, variable, slot] : wanted) {
      std::string_view text = subject.request->header(context_headers[variable]).value_or("");
      if (variable == language) text = first_language(text);
      if (!text.empty()) scratch.set_text(slot, text);
    }
    return true;
  }

 private:
  static constexpr std::size_t language = 2;
};

class ClockProvider final : public DataProvider {
 public:
  std::string_view name() const override { return "clock"; }
  bool follows_subject() const override { return true; }

  std::vector<Variable> variables(std::string_view) const override {
    return {{"now", "datetime", "The moment of the request"}};
  }

  bool fill(const Subject& subject, std::span<const Wanted> wanted,
            Scratch& scratch) const override {
    const double unix_s = static_cast<double>(unix_ms(subject.now)) / 1000;
    for (const auto& want : wanted) scratch.set_number(want.slot, unix_s);
    return true;
  }
};

class AttributesProvider final : public DataProvider {
 public:
  explicit AttributesProvider(const Applications& applications) : applications_(applications) {}

  std::string_view name() const override { return "attributes"; }
  bool follows_subject() const override { return true; }

  std::vector<Variable> variables(std::string_view app_id) const override {
    std::vector<Variable> result;
    const auto application = applications_.get(app_id);
    if (application == nullptr) return result;
    result = application->settings.attributes;
    for (const std::string& name : application->settings.server_only_attributes) {
      if (application->settings.declared(name) != nullptr) continue;
      result.push_back({name, "any", "An attribute that only the app's backend writes"});
    }
    return result;
  }

  bool fill(const Subject& subject, std::span<const Wanted> wanted,
            Scratch& scratch) const override {
    if (subject.user->attributes().empty()) return true;
    for (const auto& want : wanted) scratch.set(want.slot, subject.user->find(want.name));
    return true;
  }

 private:
  const Applications& applications_;
};

}  // namespace

std::unique_ptr<DataProvider> user_provider() {
  return std::make_unique<UserProvider>();
}
std::unique_ptr<DataProvider> request_provider() {
  return std::make_unique<RequestProvider>();
}
std::unique_ptr<DataProvider> clock_provider() {
  return std::make_unique<ClockProvider>();
}
std::unique_ptr<DataProvider> attributes_provider(const Applications& applications) {
  return std::make_unique<AttributesProvider>(applications);
}

}  // namespace callboard::audience
