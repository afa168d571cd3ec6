// What comes from LINE: a webhook's signature and events, an ID token, an error's body; and what an
// operator writes as a message before it goes there.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "line/id_token.hpp"
#include "line/message_limits.hpp"
#include "line/send_outcome.hpp"
#include "line/webhook.hpp"

namespace callboard::line {
namespace {

constexpr std::string_view secret = "a secret";
constexpr Timestamp now{std::chrono::seconds{1'700'000'000}};

void require(bool holds) {
  if (!holds) std::abort();
}

// The first line as a signature, the rest as a body.
void try_signature(std::string_view text) {
  const std::size_t split = text.find('\n');
  const std::string_view signature = text.substr(0, split);
  const std::string_view body = split == text.npos ? std::string_view() : text.substr(split + 1);
  require(is_signed_by(secret, body, webhook_signature(secret, body)));
  if (is_signed_by(secret, body, signature)) require(signature == webhook_signature(secret, body));
}

void try_webhook(std::string_view text) {
  try {
    const Webhook webhook = parse_webhook(text);
    require(webhook.events.size() <= max_webhook_events);
    for (const WebhookEvent& event : webhook.events) {
      require(!event.webhook_event_id.empty() && !event.type.empty() && !event.json.empty());
      require(unix_ms(event.timestamp) >= 0);
    }
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large);
  }
}

void try_reply(std::string_view text) {
  for (const int status : {200, 400, 409, 429}) {
    const SendOutcome outcome =
        send_outcome_of({http::OutgoingOutcome::answered, status, std::string(text)});
    const auto* rejected = std::get_if<outcome::Rejected>(&outcome);
    require((rejected != nullptr) == (status == 400));
    if (rejected == nullptr) continue;
    require(is_valid_utf8(rejected->message));
    for (const std::size_t position : rejected->recipients) require(position < max_recipients);
  }
}

void try_id_token(std::string_view text) {
  const Channel channel{.channel_id = "1", .channel_secret = "what the input does not hold"};
  require(!verify_id_token(text, channel, "nonce", Certs{}, now));
}

}  // namespace
}  // namespace callboard::line

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  callboard::line::try_signature(text);
  callboard::line::try_webhook(text);
  callboard::line::try_reply(text);
  callboard::line::try_id_token(text);
  callboard::line::check_messages_text(text);
  return 0;
}
