#include "identity/webhook_routes.hpp"

#include <string>
#include <utility>

#include "base/error.hpp"
#include "http/calls.hpp"
#include "identity/line_channel.hpp"
#include "identity/webhook_inbox.hpp"
#include "line/webhook.hpp"

namespace callboard::identity {
namespace {

using http::Request;
using http::Responder;

struct WebhookCalls {
  db::Database& database;
  const audience::Applications& applications;
  audience::SecretBox secrets;
  const Clock& clock;

  void receive(const Request& request, Responder responder) const;
};

}  // namespace

http::Routes webhook_routes(db::Database& database, const audience::Applications& applications,
                            const audience::SecretBox& secrets, const Clock& clock) {
  const http::Calls call(WebhookCalls{database, applications, secrets, clock});
  return {{http::Method::post, "/line/webhook/{app_id}", http::Access::anyone,
           http::Surface::people, call(&WebhookCalls::receive), line::max_webhook_bytes}};
}

namespace {

// Nothing of the body is read before its signature holds.
void WebhookCalls::receive(const Request& request, Responder responder) const {
  const auto application = applications.get(request.parameter(0));
  const std::string secret =
      application ? line_channel_of(*application, secrets).messaging_channel_secret : "";
  if (secret.empty()) {
    throw Error(ErrorCode::not_found, "no application with a Messaging API channel has this id");
  }
  const auto signature = request.header("x-line-signature").value_or("");
  if (!line::is_signed_by(secret, request.body, signature)) {
    throw Error(ErrorCode::bad_signature, "x-line-signature does not hold");
  }
  auto webhook = line::parse_webhook(request.body);
  if (webhook.events.empty()) return responder.send(http::json_response("{}"));
  auto answer = std::make_shared<Responder>(std::move(responder));
  database.write(
      [webhook = std::move(webhook), app_id = application->app_id,
       now = clock.now()](db::Transaction& transaction) {
        for (const line::WebhookEvent& event : webhook.events) {
          keep_webhook_event(transaction, app_id, event, now);
        }
      },
      [answer](std::exception_ptr error) {
        if (error) return answer->fail(error);
        answer->send(http::json_response("{}"));
      });
}

}  // namespace
}  // namespace callboard::identity
