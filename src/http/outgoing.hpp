#pragma once

// Calls to URLs that operators configure. Whatever such a URL names, the call goes to an address of
// the public internet or nowhere: each address is judged after it was resolved, at the moment the
// socket for it is made, so that a name can't change its meaning in between. http and https only,
// no redirects, no proxies, no credentials in the URL, no cookies; certificates are verified; the
// whole call has a time limit and the reply a size limit.
//
// Owned by app/; any thread; send() blocks: for the work pool.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request.hpp"

namespace callboard::http {

inline constexpr std::size_t default_max_reply = std::size_t{64} << 10;
inline constexpr std::size_t max_reply_headers = 100;  // more of them are not kept

struct OutgoingRequest {
  Method method = Method::get;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds timeout;          // from resolving to the last byte
  std::size_t max_reply = default_max_reply;  // bytes, of header and body each
  // Where a connection that was kept open breaks before the answer begins, the request is sent once
  // more on a new one, unless the caller must know of each time it left.
  bool may_repeat = true;
};

enum class OutgoingOutcome {
  answered,    // with whatever status
  refused,     // the URL is not one to call, or leads to no address that may be called
  unresolved,  // the host has no address
  unreachable,
  timed_out,
  too_large,
  broken,  // not HTTP, cut short, a bad certificate
};
std::string_view name_of(OutgoingOutcome outcome);  // "timed_out"

struct OutgoingReply {
  OutgoingOutcome outcome = OutgoingOutcome::broken;
  int status = 0;         // where answered
  std::string body = {};  // where answered
  // Where answered: the final answer's, values without surrounding white space.
  std::vector<std::pair<std::string, std::string>> headers = {};

  // The first of that name, compared without case.
  std::optional<std::string_view> header(std::string_view name) const;
};

class OutgoingClient {
 public:
  // Kept open to be used again; as many more as run at once are opened and closed.
  static constexpr std::size_t max_idle_handles = 16;

  // `allowed`: addresses and CIDR blocks that may be called although they are not public. Throws
  // Error{invalid} with the text that is neither.
  explicit OutgoingClient(const std::vector<std::string>& allowed = {});
  ~OutgoingClient();
  OutgoingClient(const OutgoingClient&) = delete;
  OutgoingClient& operator=(const OutgoingClient&) = delete;

  // Throws Error{invalid} where a header would break its line; everything else is an outcome.
  OutgoingReply send(const OutgoingRequest& request) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callboard::http
