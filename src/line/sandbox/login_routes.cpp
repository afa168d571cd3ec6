// LINE Login for servers: codes into tokens, and what a token is good for.

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "crypto/jws.hpp"
#include "line/login.hpp"
#include "line/sandbox/answers.hpp"
#include "line/sandbox/routes.hpp"

namespace callboard::line::sandbox {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;
using http::Surface;

constexpr std::string_view issuer = "https://access.line.me";

Response json_answer(const json::value& value) {
  return http::json_response(json::serialize(value));
}

bool is_in(std::string_view word, std::string_view scope) {
  while (!scope.empty()) {
    const std::size_t end = std::min(scope.find(' '), scope.size());
    if (scope.substr(0, end) == word) return true;
    scope.remove_prefix(std::min(end + 1, scope.size()));
  }
  return false;
}

std::string id_token_for(const State& state, const Consent& consent, const Person& person) {
  const std::int64_t now = unix_seconds(state.clock.now());
  json::object claims{{"iss", issuer},
                      {"sub", person.user_id},
                      {"aud", state.options.channel_id},
                      {"exp", now + std::chrono::seconds(id_token_life).count()},
                      {"iat", now},
                      {"amr", json::array{"linesso"}}};
  if (!consent.nonce.empty()) claims["nonce"] = consent.nonce;
  if (is_in("profile", consent.scope)) {
    claims["name"] = person.name;
    if (!person.picture_url.empty()) claims["picture"] = person.picture_url;
  }
  const std::string payload = json::serialize(claims);
  if (state.options.signs_with_es256) {
    return jws::sign(jws::Key::private_key(state.key.private_pem), payload, state.key_id);
  }
  return jws::sign(jws::Key::secret(state.options.channel_secret), payload);
}

json::object tokens_answer(State& state, std::string_view user_id, std::string_view scope) {
  const GrantedTokens tokens = state.grants.issue_tokens(user_id, scope);
  return {{"access_token", tokens.access_token},
          {"token_type", "Bearer"},
          {"refresh_token", tokens.refresh_token},
          {"expires_in", std::chrono::seconds(access_token_life).count()},
          {"scope", scope}};
}

Response exchange(State& state, const Request& request) {
  const auto consent = state.grants.take_code(form_value(request, "code").value_or(""));
  if (!consent) return login_error("invalid_grant", "invalid authorization code");
  if (form_value(request, "redirect_uri") != consent->redirect_uri) {
    return login_error("invalid_grant", "redirect_uri does not match");
  }
  const std::string verifier = form_value(request, "code_verifier").value_or("");
  const bool proves_it = consent->code_challenge.empty()
                             ? verifier.empty()
                             : code_challenge(verifier) == consent->code_challenge;
  if (!proves_it) return login_error("invalid_grant", "code_verifier does not match");
  json::object answer = tokens_answer(state, consent->user_id, consent->scope);
  const auto person = state.people.find(consent->user_id);
  if (is_in("openid", consent->scope) && person) {
    answer["id_token"] = id_token_for(state, *consent, *person);
  }
  return json_answer(answer);
}

Response refresh(State& state, const Request& request) {
  const auto access = state.grants.refreshable(form_value(request, "refresh_token").value_or(""));
  if (!access) return login_error("invalid_grant", "invalid refresh token");
  return json_answer(tokens_answer(state, access->user_id, access->scope));
}

bool is_the_channel(const State& state, const Request& request) {
  return form_value(request, "client_id") == state.options.channel_id &&
         form_value(request, "client_secret") == state.options.channel_secret;
}

Response token(State& state, const Request& request) {
  const std::string grant = form_value(request, "grant_type").value_or("");
  if (!is_the_channel(state, request)) {
    return login_error("invalid_client", "invalid client_id or client_secret");
  }
  if (grant == "authorization_code") return exchange(state, request);
  if (grant == "refresh_token") return refresh(state, request);
  return login_error("unsupported_grant_type", "grant_type is not known");
}

Response verify_access(State& state, const Request& request) {
  const auto access = state.grants.access(request.query_value("access_token").value_or(""));
  if (!access) return login_error("invalid_request", "access token expired");
  const auto left =
      std::chrono::duration_cast<std::chrono::seconds>(access->expires - state.clock.now());
  return json_answer(json::object{{"scope", access->scope},
                                  {"client_id", state.options.channel_id},
                                  {"expires_in", left.count()}});
}

std::optional<std::string> refusal_of_id_token(const State& state, const json::object& claims,
                                               const Request& request) {
  const auto nonce = form_value(request, "nonce");
  const auto user_id = form_value(request, "user_id");
  const auto* given_nonce = jws::text_claim(claims, "nonce");
  const auto* subject = jws::text_claim(claims, "sub");
  const auto expires = jws::time_claim(claims, "exp");
  if (!expires || *expires <= unix_seconds(state.clock.now())) return "IdToken expired.";
  if (nonce && (given_nonce == nullptr || *given_nonce != *nonce)) return "Invalid IdToken Nonce.";
  if (user_id && (subject == nullptr || *subject != *user_id)) {
    return "Invalid IdToken Subject Identifier.";
  }
  return std::nullopt;
}

Response verify_id_token(State& state, const Request& request) {
  const std::string text = form_value(request, "id_token").value_or("");
  const auto parsed = jws::parse(text);
  const jws::Key key = state.options.signs_with_es256
                           ? jws::Key::public_key(state.key.public_jwk(state.key_id))
                           : jws::Key::secret(state.options.channel_secret);
  if (!parsed || !jws::verify(*parsed, key)) {
    return login_error("invalid_request", "Invalid IdToken.");
  }
  if (form_value(request, "client_id") != state.options.channel_id) {
    return login_error("invalid_request", "Invalid IdToken Audience.");
  }
  const auto claims = jws::claims_of(*parsed);
  if (!claims) return login_error("invalid_request", "Invalid IdToken.");
  if (const auto refusal = refusal_of_id_token(state, *claims, request)) {
    return login_error("invalid_request", *refusal);
  }
  return json_answer(*claims);
}

Response revoke(State& state, const Request& request) {
  if (!is_the_channel(state, request)) {
    return login_error("invalid_client", "invalid client_id or client_secret");
  }
  state.grants.revoke(form_value(request, "access_token").value_or(""));
  return Response();
}

Response certs(State& state, const Request&) {
  return http::json_response("{\"keys\":[" + state.key.public_jwk(state.key_id) + "]}");
}

// `show` makes the answer for whoever has the token.
template <class Show>
Response of_person(State& state, const Request& request, Show show) {
  const auto access = state.grants.access(bearer_of(request));
  const auto person = access ? state.people.find(access->user_id) : std::nullopt;
  if (!person) return api_error(status_unauthorized, "The access token is invalid or expired");
  return json_answer(show(*person));
}

Response userinfo(State& state, const Request& request) {
  return of_person(state, request, [](const Person& person) {
    json::object shown{{"sub", person.user_id}, {"name", person.name}};
    if (!person.picture_url.empty()) shown["picture"] = person.picture_url;
    return shown;
  });
}

Response login_profile(State& state, const Request& request) {
  return of_person(state, request, [](const Person& person) {
    json::object shown{{"userId", person.user_id}, {"displayName", person.name}};
    if (!person.picture_url.empty()) shown["pictureUrl"] = person.picture_url;
    return shown;
  });
}

Response friendship(State& state, const Request& request) {
  return of_person(state, request, [](const Person& person) {
    return json::object{{"friendFlag", person.is_friend && !person.has_blocked}};
  });
}

}  // namespace

http::Routes login_routes(State& state) {
  const auto route = [&](Method method, const char* path, const char* endpoint,
                         Response (*function)(State&, const Request&)) {
    return http::Route{
        method, path, Access::anyone, Surface::console,
        state.call(endpoint, [&state, function](const Request& request, const std::string&) {
          return function(state, request);
        })};
  };
  return {
      route(Method::post, "/oauth2/v2.1/token", "token", token),
      route(Method::get, "/oauth2/v2.1/verify", "verify", verify_access),
      route(Method::post, "/oauth2/v2.1/verify", "verify", verify_id_token),
      route(Method::get, "/oauth2/v2.1/userinfo", "userinfo", userinfo),
      route(Method::post, "/oauth2/v2.1/userinfo", "userinfo", userinfo),
      route(Method::post, "/oauth2/v2.1/revoke", "revoke", revoke),
      route(Method::get, "/oauth2/v2.1/certs", "certs", certs),
      route(Method::get, "/friendship/v1/status", "friendship", friendship),
      route(Method::get, "/v2/profile", "login_profile", login_profile),
  };
}

}  // namespace callboard::line::sandbox
