#pragma once

// Everything a sandbox remembers, and how a call to it is answered: by the fault that befalls it,
// or by what it is. Owned by Sandbox; any thread. Nothing outlives the process.

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "crypto/es256_key.hpp"
#include "http/route.hpp"
#include "line/sandbox/attempt_log.hpp"
#include "line/sandbox/delayed_answers.hpp"
#include "line/sandbox/faults.hpp"
#include "line/sandbox/grants.hpp"
#include "line/sandbox/ledger.hpp"
#include "line/sandbox/options.hpp"
#include "line/sandbox/people.hpp"
#include "line/sandbox/webhook_sender.hpp"

namespace callboard::line::sandbox {

struct State {
  State(const Options& from, const Clock& with);

  // Does a call; `request_id` is LINE's name for it.
  using Function =
      std::function<http::Response(const http::Request& request, const std::string& request_id)>;
  // A route's handler: the call is done unless a fault comes instead; what it throws becomes LINE's
  // kind of error. `endpoint`: its name for faults.
  http::Handler call(std::string endpoint, Function function);

  const Options options;
  const Clock& clock;
  const jws::Es256Key key = jws::new_es256_key();
  const std::string key_id;
  Faults faults;
  Ledger ledger;
  AttemptLog attempts;
  People people;
  Grants grants;
  WebhookSender webhooks;
  DelayedAnswers delayed;
};

// The pairs of a form's body, decoded. Throws Error{invalid}.
std::optional<std::string> form_value(const http::Request& request, std::string_view name);
// The bearer token; empty: none.
std::string_view bearer_of(const http::Request& request);

}  // namespace callboard::line::sandbox
