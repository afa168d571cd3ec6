#pragma once

// Secrets that a test can look into: "sealed" is the context and the secret side by side.

#include <stdexcept>
#include <string>
#include <string_view>

#include "audience/provider_settings.hpp"

namespace callboard::test {

inline audience::SecretBox visible_secrets() {
  const auto prefix = [](std::string_view context) { return "<" + std::string(context) + ">"; };
  return {
      .seal = [prefix](std::string_view context,
                       std::string_view secret) { return prefix(context) + std::string(secret); },
      .open =
          [prefix](std::string_view context, std::string_view sealed) {
            if (!sealed.starts_with(prefix(context))) throw std::logic_error("of another");
            return std::string(sealed.substr(prefix(context).size()));
          }};
}

}  // namespace callboard::test
