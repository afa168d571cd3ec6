#include "app/secret_box.hpp"

namespace callboard::app {

audience::SecretBox secret_box(const identity::ServerKey& key) {
  return {.seal = [key](std::string_view context,
                        std::string_view secret) { return key.seal(context, secret); },
          .open = [key](std::string_view context,
                        std::string_view sealed) { return key.open(context, sealed); }};
}

}  // namespace callboard::app
