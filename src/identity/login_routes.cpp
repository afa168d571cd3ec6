#include "identity/login_routes.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/random.hpp"
#include "http/calls.hpp"
#include "identity/address_key.hpp"
#include "identity/cookies.hpp"
#include "identity/login_target.hpp"
#include "identity/person_cookies.hpp"

namespace callboard::identity {
namespace {

using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct LoginCalls {
  db::Database& database;
  const audience::Applications& applications;
  const Trust& trust;
  const LineLogin& login;
  const OwnAddress& own_address;
  http::WorkPool& pool;
  const Clock& clock;
  Rate limit;
  std::shared_ptr<TokenBuckets> departures;

  void depart(const Request& request, Responder responder) const;
  void arrive(const Request& request, Responder responder) const;

 private:
  void throttle(std::string_view address) const;
  struct Arrival;
  using SharedResponder = std::shared_ptr<Responder>;
  Arrival arrival_of(const Request& request) const;
  LoginAttempt take(const Arrival& arrival) const;
  void finish(const Request& request, const LoginAttempt& attempt,
              const SharedResponder& answer) const;
  void welcome(const Request& request, const LoginAttempt& attempt, const line::IdToken& person,
               const SharedResponder& answer) const;
};

}  // namespace

http::Routes login_routes(db::Database& database, const audience::Applications& applications,
                          const Trust& trust, const LineLogin& login, const OwnAddress& own_address,
                          http::WorkPool& pool, LoginLimit limit, const Clock& clock) {
  const Rate rate{.count = limit.departures_a_minute, .period = std::chrono::minutes{1}};
  const http::Calls call(LoginCalls{database, applications, trust, login, own_address, pool, clock,
                                    rate, std::make_shared<TokenBuckets>()});
  return {
      {Method::get, "/line-login/auth", Access::visitor, Surface::people,
       call(&LoginCalls::depart)},
      {Method::get, "/line-login/callback", Access::anyone, Surface::people,
       call(&LoginCalls::arrive)},
  };
}

namespace {

constexpr std::string_view browser_cookie = "line_login";
constexpr std::size_t browser_entropy_bytes = 32;
constexpr std::size_t secret_characters = 43;  // of 32 bytes, as states have them too
constexpr std::size_t max_code_bytes = 1024;
constexpr std::size_t max_login_error_bytes = 64;

Error bad_state() {
  return {ErrorCode::invalid,
          "this login was not begun in this browser, was used before, or took more than 10 "
          "minutes; please begin again"};
}

bool is_secret(std::string_view text) {
  return text.size() == secret_characters && std::ranges::all_of(text, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_';
         });
}

// The browser keeps one secret through all its attempts, so that two tabs may log in at once.
std::string browser_secret(const Request& request) {
  const auto kept = cookie_value(request, browser_cookie);
  return kept && is_secret(*kept) ? std::string(*kept) : random_token(browser_entropy_bytes);
}

// What comes after the origin.
std::string_view path_of(std::string_view target) {
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos) return target;
  const auto path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

Response redirect_to(const std::string& url) {
  Response response;
  response.status = 302;
  response.header("Location", url);
  response.header("Cache-Control", "no-store");
  response.header("Referrer-Policy", "no-referrer");
  return response;
}

void LoginCalls::throttle(std::string_view address) const {
  if (!limit.is_limit()) return;
  const auto wait = departures->take(key_of_address(address), limit, clock.monotonic());
  if (wait > wait.zero()) throw too_many_requests(wait);
}

void LoginCalls::depart(const Request& request, Responder responder) const {
  throttle(request.peer);
  // A link can't carry a header.
  const auto named = request.query_value("app_id");
  const auto application = applications.require(named ? *named : request.caller.app_id);
  const std::string target = login_target(application->settings, request.header("Referer"),
                                          request.query_value("redirect_path").value_or(""));
  auto departure =
      login.depart(*application, own_address.url(request, "/line-login/callback"), target);
  audience::answer_after_write(
      database, std::move(responder),
      [departure = std::move(departure), browser = browser_secret(request), &request,
       path = own_address.base_path(), now = clock.now()](db::Transaction& transaction) {
        begin_attempt(transaction, departure.attempt, departure.state, browser, now);
        Response response = redirect_to(departure.url);
        set_cookie(
            response, request,
            {.name = browser_cookie, .value = browser, .life = login_attempt_life, .path = path});
        return response;
      });
}

// What it comes back with; state and secret are of one shape.
struct LoginCalls::Arrival {
  std::string state, browser;
};

LoginCalls::Arrival LoginCalls::arrival_of(const Request& request) const {
  const auto state = request.query_value("state");
  const auto browser = cookie_value(request, browser_cookie);
  if (!state || !browser || !is_secret(*state) || !is_secret(*browser)) throw bad_state();
  return {*state, std::string(*browser)};
}

LoginAttempt LoginCalls::take(const Arrival& arrival) const {
  std::optional<LoginAttempt> attempt;
  database.write_and_wait([&](db::Transaction& transaction) {
    attempt = take_attempt(transaction, arrival.state, arrival.browser, clock.now());
  });
  if (!attempt) throw bad_state();
  return std::move(*attempt);
}

// Why somebody did not log in, as the front end may read it; LINE's words only if they are one.
std::string login_error(const std::string& error) {
  const bool is_word =
      !error.empty() && error.size() <= max_login_error_bytes &&
      std::ranges::all_of(error, [](unsigned char c) { return std::islower(c) != 0 || c == '_'; });
  return is_word ? error : "login_failed";
}

// Everything that is not plain in the link is escaped by it, so it needs no more in HTML.
Response page_for_strangers(const LoginAttempt& attempt) {
  const std::string again = with_query_pair("auth", "redirect_path", path_of(attempt.target));
  Response response;
  response.status = 403;
  response.content_type("text/html; charset=utf-8");
  response.header("Cache-Control", "no-store");
  response.header("Referrer-Policy", "no-referrer");
  response.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  response.body =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>Add us as a friend</title>"
      "<body style=\"font:16px sans-serif;max-width:26em;margin:4em auto;padding:0 1em\">"
      "<h1>One more step</h1><p>You can log in once you are a friend of our official account on "
      "LINE: that is how we can remind you.</p><p><a style=\"display:inline-block;padding:.7em "
      "1.2em;border-radius:.4em;background:#06c755;color:#fff;text-decoration:none\" href=\"" +
      again + "\">Add friend and log in</a></p></body></html>";
  return response;
}

// The database's answer and LINE's are waited for by threads that nobody else needs.
void LoginCalls::arrive(const Request& request, Responder responder) const {
  throttle(request.peer);
  auto answer = std::make_shared<Responder>(std::move(responder));
  const auto arrive = [calls = *this, &request, arrival = arrival_of(request), answer] {
    try {
      calls.finish(request, calls.take(arrival), answer);
    } catch (...) {
      answer->fail(std::current_exception());
    }
  };
  if (pool.submit(arrive)) return;
  answer->fail(std::make_exception_ptr(
      Error(ErrorCode::unavailable, "too many people log in right now; please try again")));
}

void LoginCalls::finish(const Request& request, const LoginAttempt& attempt,
                        const SharedResponder& answer) const {
  if (const auto error = request.query_value("error")) {
    return answer->send(
        redirect_to(with_query_pair(attempt.target, "login_error", login_error(*error))));
  }
  const auto code = request.query_value("code");
  if (!code || code->empty() || code->size() > max_code_bytes) {
    throw Error(ErrorCode::invalid, "code is missing");
  }
  try {
    welcome(request, attempt, login.arrive(attempt, *code), answer);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::forbidden) throw;
    answer->send(page_for_strangers(attempt));
  }
}

void LoginCalls::welcome(const Request& request, const LoginAttempt& attempt,
                         const line::IdToken& person, const SharedResponder& answer) const {
  const auto application = applications.require(attempt.app_id);
  const auto keys = trust.keys(attempt.app_id);
  const CookieStyle style{own_address.base_path(), application->settings.login.cookie_same_site};
  audience::answer_after_write(
      database, std::move(*answer),
      [&request, &login_of = login, attempt, person, application, keys,
       style](db::Transaction& transaction) {
        const auto session = login_of.welcome(transaction, *keys, attempt.app_id, person);
        std::string target = attempt.target;
        if (application->settings.login.tokens_in_query) {
          target = with_query_pair(target, "access_token", session.session_token);
          target = with_query_pair(target, "refresh_token", session.refresh_token);
        }
        Response response = redirect_to(target);
        set_person_cookies(response, request, style, session);
        return response;
      });
}

}  // namespace
}  // namespace callboard::identity
