#pragma once

// The route table's vocabulary: verb, path, who may call, which error bodies, and the function.
// Features return their table as a value; app/ gives all of them to one Router.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"

namespace callboard::http {

// Who may call. From `viewer` on: an operator of the workspace and app in the path, by role.
enum class Access : std::uint8_t {
  anyone,
  signed_client,  // a valid signature, no session token needed
  client,         // signature and session token: a user
  backend,        // a server token: the app itself
  // In an application that the caller's proof names, or else the request: by a header, by its host.
  visitor,     // anyone; who brings a proof is known by it
  person,      // a user: as a client, or with an access token
  proven,      // a user, a backend or an operator who may edit
  app_editor,  // an operator who may edit
  viewer,
  editor,
  admin,
  owner,
  host,  // whoever runs the server: an owner's API token that was made on its command line
};

// Which error bodies and statuses the caller expects.
enum class Surface : std::uint8_t {
  app,      // /bp: the seed's body; 400 where others answer 401 or 403
  console,  // the same body, ordinary statuses, details for validation
  plain,    // text: health, metrics
  // What the festival's front end reads: {"msg","data":{"msg"}}, and of its quiz
  // {"status":"Failed","message"}; ordinary statuses.
  people,
  psycho_test,
};
// Whether pages of other origins may call it, where their application allows them.
constexpr bool is_for_pages(Surface surface) {
  return surface != Surface::console && surface != Surface::plain;
}

// Answers on the I/O thread: must not block. False: what it needs is not in memory, go to work.
using MemoryHandler = std::function<bool(const Request&, Response&)>;
// Runs on the work pool; may block on the database. The request outlives the responder's answer.
using WorkHandler = std::function<void(const Request&, Responder)>;

struct Handler {
  MemoryHandler from_memory;  // optional
  WorkHandler work;           // optional where from_memory always answers
};

// A blocking function that returns its answer or throws, on the work pool.
Handler blocking(std::function<Response(const Request&)> function);
// Answers later, from any thread.
Handler deferred(WorkHandler function);
// From memory only; the function never needs the work path. (Where the gate alone had to block, it
// is called on the work pool.)
Handler immediate(std::function<void(const Request&, Response&)> function);

inline constexpr std::size_t default_max_body = std::size_t{1} << 20;
inline constexpr std::size_t import_max_body = std::size_t{16} << 20;

struct Route {
  Method method;
  std::string path;  // "/bp/server/user/{user_id}/info": a `{name}` matches one segment, even empty
  Access access;
  Surface surface;
  Handler handler;
  std::size_t max_body = default_max_body;
  bool only_reads = false;  // a GET does anyway; of another method: it changes nothing either
  bool writes = false;      // although its method is GET
};
// Whether a call may be repeated, or be made by any page, without harm: what gates ask.
constexpr bool is_safe(const Route& route) {
  return !route.writes && (route.method == Method::get || route.method == Method::head);
}
using Routes = std::vector<Route>;

// Decides before the handler whether the caller may pass, and fills request.caller.
class Gate {
 public:
  virtual ~Gate() = default;
  // On the I/O thread. True: admitted. False: not decidable from memory, `admit_blocking` will be
  // asked on the work pool. Throws Error to refuse.
  virtual bool admit_from_memory(const Route& route, Request& request) = 0;
  virtual void admit_blocking(const Route& route, Request& request) = 0;
  // Whether a page of `origin` may read the answer. On the I/O thread, once the request was judged;
  // asked on the apps' surface alone, where the request has an Origin.
  virtual bool allows_origin(const Request& request, std::string_view origin) = 0;
};

}  // namespace callboard::http
