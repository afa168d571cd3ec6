#pragma once

// A request as the features see it: plain values, no sockets. The connection owns the bytes; every
// view stays valid until the response has been given. A request is handled by one thread at a time.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace callboard::http {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options };
std::string_view name_of(Method method);  // "GET"
inline constexpr std::size_t method_count = 7;

// ASCII letters compare equal in either case: the rule for header names.
bool equal_ignoring_case(std::string_view left, std::string_view right);

struct Header {
  std::string_view name;   // as sent; compare without case
  std::string_view value;  // without surrounding white space
};

enum class Role : std::uint8_t {
  viewer,
  editor,
  admin,
  owner
};  // each may do what those before may

// Who is calling, as the gate established it before the handler runs. Empty: not known.
struct Caller {
  std::string_view workspace_id;
  std::string_view app_id;
  std::string_view user_id;  // a person of the app's audience
  std::string_view actor;    // for the audit log: "token:...", "member:...", "key:..."
  std::string_view session;  // of a user: the same through all refreshes of the token
  Role role = Role::viewer;  // of an operator
  // Of what proved who it is; max(): not known.
  Timestamp expires = Timestamp::max();
  std::shared_ptr<const void> owner;  // keeps the views alive
};

inline constexpr std::size_t max_path_parameters = 4;

struct Request {
  Method method = Method::get;
  std::string_view target;  // path and query exactly as sent
  std::string_view path;    // without the server's base path; still percent-encoded
  std::string_view query;   // without '?', still percent-encoded
  std::span<const Header> headers;
  std::string_view body;  // after chunked decoding
  std::string_view peer;  // the client's address, behind trusted proxies the forwarded one
  std::string_view id;    // the request id, for logs and the answer's X-Request-ID
  bool secure = false;    // the outer scheme is https
  Caller caller;
  // The path segments that matched `{...}` in the route's pattern, in order, still encoded.
  std::array<std::string_view, max_path_parameters> parameters;

  // The first header of that name, compared without case.
  std::optional<std::string_view> header(std::string_view name) const;
  // Percent-decoded path segment. Throws Error{invalid} on a malformed escape or a control
  // character.
  std::string parameter(std::size_t index) const;
  // Percent-decoded (`+` is a space) value of the first / of every pair of that name; same errors.
  std::optional<std::string> query_value(std::string_view name) const;
  std::vector<std::string> query_values(std::string_view name) const;
  // All pairs in order, decoded.
  std::vector<std::pair<std::string, std::string>> query_pairs() const;
};

}  // namespace callboard::http
