#pragma once

// Admits the callers of routes whose application follows from the request itself: visitors, people,
// and whoever else may prove who they are there. A proof names its application; without one
// X-App-ID does, then the cookie of a session that could be refreshed, then the host.
//
// What a cookie vouches for must come from a page of an origin that its application allows, unless
// it only reads. Where anybody may call, a cookie that is no good counts as none.
//
// Owned by the Gate; any thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audience/audience.hpp"
#include "http/route.hpp"
#include "identity/allowed_pages.hpp"
#include "identity/backend_gate.hpp"
#include "identity/client_gate.hpp"
#include "identity/operator_gate.hpp"
#include "identity/session_verifier.hpp"

namespace callboard::identity {

class PersonGate {
 public:
  // The other gates, for the proofs that are theirs to judge.
  struct Others {
    ClientGate& clients;
    BackendGate& backends;
    OperatorGate& operators;
  };

  PersonGate(const audience::Applications& applications, const audience::AppAddresses& addresses,
             const Trust& trust, SessionVerifier& sessions, Others others,
             const AllowedPages& pages, const Clock& clock);

  // False, only in Stage::memory: ask again on the work path.
  bool admit(const http::Route& route, http::Request& request, Stage stage);

 private:
  struct Bearer;

  bool admit_editor(const http::Route& route, http::Request& request, Stage stage);
  bool admit_bearer(const http::Route& route, const Bearer& bearer, http::Request& request,
                    Stage stage);
  bool admit_anybody(http::Request& request, Stage stage);
  std::optional<std::shared_ptr<const audience::Application>> known_app(std::string_view app_id,
                                                                        Stage stage) const;
  std::shared_ptr<const std::string> app_of(const http::Request& request, Stage stage) const;

  const audience::Applications& applications_;
  const audience::AppAddresses& addresses_;
  const Trust& trust_;
  SessionVerifier& sessions_;
  Others others_;
  const AllowedPages& pages_;
  const Clock& clock_;
};

}  // namespace callboard::identity
