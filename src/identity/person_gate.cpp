#include "identity/person_gate.hpp"

#include <optional>
#include <utility>

#include "base/error.hpp"
#include "identity/api_token.hpp"
#include "identity/cookies.hpp"
#include "identity/member_session.hpp"
#include "identity/person_cookies.hpp"
#include "identity/request_signature.hpp"
#include "identity/server_token.hpp"
#include "identity/session_token.hpp"

namespace callboard::identity {

// An access token and how it came.
struct PersonGate::Bearer {
  std::string_view token;
  bool is_cookie = false;
};

namespace {

bool is_api_token(std::string_view text) {
  return text.starts_with(api_token_prefix);
}

// What the session's refresh token says: it is still there once the access token is gone.
std::optional<std::string_view> refresh_cookie_app(const http::Request& request) {
  const auto cookie = cookie_value(request, refresh_token_cookie);
  const auto app_id = cookie ? app_of_refresh_token(without_scheme(*cookie)) : std::nullopt;
  return app_id && audience::is_id(*app_id) ? app_id : std::nullopt;
}

// Nothing also where the request names another application than the cookie's: on one host two may
// have their front ends.
std::optional<std::string_view> cookie_token(const http::Request& request) {
  const auto cookie = cookie_value(request, access_token_cookie);
  if (!cookie) return std::nullopt;
  const std::string_view text = without_scheme(*cookie);
  const auto named = request.header(app_id_header);
  const auto token = named ? read_token(text) : std::nullopt;
  return token && token->app_id() != *named ? std::nullopt : std::optional(text);
}

Error no_application() {
  return {ErrorCode::not_found,
          "no application is called under this host, and the request names none"};
}

}  // namespace

PersonGate::PersonGate(const audience::Applications& applications,
                       const audience::AppAddresses& addresses, const Trust& trust,
                       SessionVerifier& sessions, Others others, const AllowedPages& pages,
                       const Clock& clock)
    : applications_(applications),
      addresses_(addresses),
      trust_(trust),
      sessions_(sessions),
      others_(others),
      pages_(pages),
      clock_(clock) {}

bool PersonGate::admit(const http::Route& route, http::Request& request, Stage stage) {
  using http::Access;
  if (route.access == Access::app_editor) return admit_editor(route, request, stage);
  const bool may_be_anybody = route.access == Access::visitor;
  const bool may_be_others = route.access != Access::person;

  if (request.header(signature_header)) {
    const bool is_user = !may_be_anybody || request.header(session_token_header).has_value();
    return others_.clients.admit(route, is_user ? Access::client : Access::signed_client, request,
                                 stage);
  }
  if (may_be_others && request.header(server_token_header)) {
    return others_.backends.admit(request, stage);
  }
  if (const auto header = request.header("Authorization")) {
    const std::string_view token = without_scheme(*header);
    if (is_api_token(token) && may_be_anybody) return admit_anybody(request, stage);
    if (is_api_token(token) && may_be_others) return admit_editor(route, request, stage);
    return admit_bearer(route, {token}, request, stage);
  }
  const bool may_be_member = may_be_others && session_cookie(request).has_value();
  if (const auto token = cookie_token(request)) {
    try {
      return admit_bearer(route, {*token, true}, request, stage);
    } catch (const Error& error) {
      const bool counts_as_none = may_be_anybody || may_be_member;
      if (!counts_as_none || error.code() != ErrorCode::unauthenticated) throw;
    }
  }
  if (may_be_anybody) return admit_anybody(request, stage);
  if (may_be_member) return admit_editor(route, request, stage);
  throw Error(ErrorCode::unauthenticated, "nobody is logged in");
}

bool PersonGate::admit_editor(const http::Route& route, http::Request& request, Stage stage) {
  if (stage == Stage::memory) return false;
  others_.operators.admit_editor(route, request, [&] { return app_of(request, Stage::work); });
  return true;
}

bool PersonGate::admit_bearer(const http::Route& route, const Bearer& bearer,
                              http::Request& request, Stage stage) {
  const Timestamp now = clock_.now();
  auto person = sessions_.find(bearer.token, now);
  if (!person) {
    const std::uint64_t version = trust_.version();
    const auto token = read_token(bearer.token);
    if (!token || !audience::is_id(token->app_id())) {
      throw Error(ErrorCode::unauthenticated, "access token is invalid");
    }
    auto keys = stage == Stage::memory ? trust_.keys_in_memory(token->app_id())
                                       : trust_.keys(token->app_id());
    if (!keys) return false;
    person = sessions_.verify(*token, std::move(keys), version, now, stage);
    if (!person) return false;
  }
  if (!person->is_access) throw Error(ErrorCode::unauthenticated, "access token is invalid");
  request.caller.app_id = person->app_id;
  request.caller.user_id = person->user_id;
  request.caller.session = person->family;
  request.caller.expires = Timestamp{std::chrono::seconds{person->expires_unix_s}};
  request.caller.owner = std::move(person);
  if (bearer.is_cookie && !http::is_safe(route)) pages_.require(request, request.caller.app_id);
  return true;
}

bool PersonGate::admit_anybody(http::Request& request, Stage stage) {
  request.caller = {};
  auto app_id = app_of(request, stage);
  if (!app_id) return false;
  request.caller.app_id = *app_id;
  request.caller.owner = std::move(app_id);
  return true;
}

// Nothing, only in Stage::memory: not known there.
std::optional<std::shared_ptr<const audience::Application>> PersonGate::known_app(
    std::string_view app_id, Stage stage) const {
  return stage == Stage::memory ? applications_.from_memory(app_id)
                                : std::optional(applications_.get(app_id));
}

// Null, only in Stage::memory: not known there.
std::shared_ptr<const std::string> PersonGate::app_of(const http::Request& request,
                                                      Stage stage) const {
  const auto named = request.header(app_id_header);
  if (!named) {
    if (auto app_id = addresses_.app_at(request.header("Host").value_or(""))) return app_id;
    const auto kept = refresh_cookie_app(request);
    const auto known = kept ? known_app(*kept, stage) : std::nullopt;
    if (kept && !known) return nullptr;
    if (!known || !*known) throw no_application();
    return {*known, &(*known)->app_id};
  }
  if (!audience::is_id(*named)) throw Error(ErrorCode::invalid, "X-App-ID is no application's id");
  const auto known = known_app(*named, stage);
  if (!known) return nullptr;
  if (!*known) throw Error(ErrorCode::not_found, "there is no such application");
  return {*known, &(*known)->app_id};
}

}  // namespace callboard::identity
