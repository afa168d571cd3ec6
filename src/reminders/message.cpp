#include "reminders/message.hpp"

#include "base/error.hpp"
#include "base/random.hpp"
#include "identity/identity.hpp"
#include "line/message_template.hpp"
#include "line/messaging.hpp"
#include "line/reminder_templates.hpp"
#include "reminders/event_values.hpp"

namespace callboard::reminders {

std::string channel_id_of(const audience::Application& application) {
  const audience::LineSettings& line = application.settings.line;
  const bool can_send =
      !line.sealed_channel_access_token.empty() || !line.sealed_messaging_channel_secret.empty();
  if (!can_send) return {};
  const std::string& id =
      line.messaging_channel_id.empty() ? line.channel_id : line.messaging_channel_id;
  return id.empty() ? std::string() : application.workspace_id + "/" + id;
}

std::optional<audience::QuietHours::Mode> quiet_mode(const audience::AppSettings& settings,
                                                     Timestamp now) {
  const auto& quiet = settings.reminders.quiet_hours;
  if (!quiet) return std::nullopt;
  const auto local = events::Zone(settings.time_zone).local(now);
  const auto time_of_day = local - std::chrono::floor<std::chrono::days>(local);
  if (!audience::is_quiet(*quiet, std::chrono::floor<std::chrono::seconds>(time_of_day))) {
    return std::nullopt;
  }
  return quiet->mode;
}

std::string messages_for(SendKind kind, const events::Event& event,
                         const audience::AppSettings& settings) {
  const bool is_notice = kind == SendKind::moved;
  const std::string& own =
      is_notice ? settings.reminders.moved_template : settings.reminders.message_template;
  const auto values = values_of(event, events::Zone(settings.time_zone));
  if (!own.empty()) return line::render(line::parse_template_text(own), values);
  return line::render(is_notice ? line::moved_template() : line::reminder_template(), values);
}

line::SendOutcome send_test(const line::Client& client, const audience::Application& application,
                            const audience::SecretBox& secrets, const events::Event& event,
                            std::string_view user_id) {
  if (channel_id_of(application).empty()) {
    throw Error(ErrorCode::unprocessable, "the application has no Messaging API channel");
  }
  const std::string messages = messages_for(SendKind::reminder, event, application.settings);
  return client.push(identity::line_channel_of(application, secrets),
                     line::push_body(user_id, messages), random_uuid());
}

}  // namespace callboard::reminders
