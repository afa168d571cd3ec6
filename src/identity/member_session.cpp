#include "identity/member_session.hpp"

#include "base/random.hpp"
#include "crypto/sha256.hpp"
#include "identity/cookies.hpp"

namespace callboard::identity {
namespace {

constexpr std::string_view secret_prefix = "cbm_";
constexpr std::string_view cookie_name = "callboard_session";
constexpr std::string_view secure_cookie_name = "__Host-callboard_session";

std::string hash_of(std::string_view secret) {
  return std::string(view(sha256_hex(secret)));
}

void clear_ended(db::Transaction& transaction, Timestamp now) {
  transaction.execute("DELETE FROM member_sessions WHERE last_used_at_ms <= $1",
                      {unix_ms(now - session_idle_life)});
}

void make_room(db::Transaction& transaction, std::string_view member_id) {
  transaction.execute(
      "DELETE FROM member_sessions WHERE hash IN (SELECT hash FROM member_sessions"
      " WHERE member_id = $1 ORDER BY created_at_ms DESC, hash LIMIT 1000 OFFSET $2)",
      {member_id, std::int64_t{max_sessions_of_member - 1}});
}

std::string_view name_for(const http::Request& request) {
  return request.secure ? secure_cookie_name : cookie_name;
}

}  // namespace

std::string start_session(db::Transaction& transaction, std::string_view member_id, Timestamp now) {
  clear_ended(transaction, now);
  make_room(transaction, member_id);
  std::string secret = std::string(secret_prefix) + random_token();
  transaction.execute(
      "INSERT INTO member_sessions (hash, member_id, created_at_ms, last_used_at_ms)"
      " VALUES ($1, $2, $3, $3)",
      {hash_of(secret), member_id, unix_ms(now)});
  return secret;
}

std::optional<MemberSession> find_session(db::Transaction& transaction, std::string_view secret,
                                          Timestamp now) {
  return transaction.first(
      "SELECT member_id, last_used_at_ms FROM member_sessions"
      " WHERE hash = $1 AND last_used_at_ms > $2 AND created_at_ms > $3",
      {hash_of(secret), unix_ms(now - session_idle_life), unix_ms(now - session_whole_life)},
      [](const db::Row& row) {
        return MemberSession{row.string(0), timestamp_from_ms(row.integer(1))};
      });
}

void touch_session(db::Transaction& transaction, std::string_view secret, Timestamp now) {
  transaction.execute("UPDATE member_sessions SET last_used_at_ms = $2 WHERE hash = $1",
                      {hash_of(secret), unix_ms(now)});
}

void end_session(db::Transaction& transaction, std::string_view secret) {
  transaction.execute("DELETE FROM member_sessions WHERE hash = $1", {hash_of(secret)});
}

void end_sessions_of(db::Transaction& transaction, std::string_view member_id) {
  transaction.execute("DELETE FROM member_sessions WHERE member_id = $1", {member_id});
}

std::optional<std::string_view> session_cookie(const http::Request& request) {
  return cookie_value(request, name_for(request));
}

void set_session_cookie(http::Response& response, const http::Request& request,
                        std::string_view secret) {
  set_cookie(response, request,
             {.name = name_for(request), .value = secret, .life = session_whole_life});
}

void clear_session_cookie(http::Response& response, const http::Request& request) {
  set_cookie(response, request, {.name = name_for(request)});
}

}  // namespace callboard::identity
