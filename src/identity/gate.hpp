#pragma once

// Who may pass, for every route: the door between the HTTP server and the features. Which of the
// four gates a request comes to is a matter of its route's Access.
//
// Owned by app/; any thread; everything passed in outlives it.

#include "audience/audience.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/backend_gate.hpp"
#include "identity/client_gate.hpp"
#include "identity/operator_gate.hpp"
#include "identity/own_address.hpp"
#include "identity/person_gate.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

class Gate final : public http::Gate {
 public:
  Gate(db::Database& database, const audience::Applications& applications, const Trust& trust,
       audience::AppAddresses& addresses, const OwnAddress& own_address, const Clock& clock,
       Metrics& metrics);

  bool admit_from_memory(const http::Route& route, http::Request& request) override;
  void admit_blocking(const http::Route& route, http::Request& request) override;
  bool allows_origin(const http::Request& request, std::string_view origin) override;

 private:
  bool admit(const http::Route& route, http::Request& request, Stage stage);

  audience::AppAddresses& addresses_;
  AllowedPages pages_;
  SessionVerifier sessions_;
  ClientGate clients_;
  BackendGate backends_;
  OperatorGate operators_;
  PersonGate people_;
};

}  // namespace callboard::identity
