#pragma once

// A person's login with LINE Login v2.1: the way there and the way back. What the browser brings
// back counts only with the secret that this browser got on the way there, once; what LINE says
// counts only after its ID token was verified.
//
// Owned by app/; any thread; arrive() waits for LINE. What is passed in outlives it.

#include <string>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "identity/login_attempt.hpp"
#include "identity/sessions.hpp"
#include "line/client.hpp"

namespace callboard::identity {

class LineLogin {
 public:
  LineLogin(const audience::Applications& applications, const Sessions& sessions,
            const line::Client& client, audience::SecretBox secrets, const Clock& clock);

  // What to remember, and where to send the browser. Throws Error{unprocessable} where the
  // application has no LINE Login channel.
  struct Departure {
    LoginAttempt attempt;
    std::string state;
    std::string url;  // LINE's login page
  };
  Departure depart(const audience::Application& application, std::string redirect_uri,
                   std::string target) const;

  // Who came back with the code. Blocks for as long as LINE's answers take, and writes nothing.
  // Throws Error: unauthenticated (the code or the ID token is no good), unavailable, forbidden
  // (not a friend, where the application wants friends only).
  line::IdToken arrive(const LoginAttempt& attempt, std::string_view code) const;

  // Keeps who they are, and opens a session. One step of the caller's transaction.
  OpenedSession welcome(db::Transaction& transaction, const AppKeys& keys,
                        const std::string& app_id, const line::IdToken& person) const;

 private:
  const audience::Applications& applications_;
  const Sessions& sessions_;
  const line::Client& client_;
  const audience::SecretBox secrets_;
  const Clock& clock_;
};

}  // namespace callboard::identity
