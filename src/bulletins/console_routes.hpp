#pragma once

// What operators call: the seed's four calls on .../bulletin_board, a bulletin by its id, and
// what a condition would do: preview and audience. A write is answered when it is committed and
// this node's readers see it. Owned by app/; any thread.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "bulletins/audience_count.hpp"
#include "bulletins/board_write.hpp"
#include "bulletins/boards.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::bulletins {

class ConsoleRoutes {
 public:
  ConsoleRoutes(db::Database& database, Boards& boards, const audience::Users& users,
                const audience::DataProviders& providers, const Clock& clock);

  // Refers to `this`, which must outlive the server.
  http::Routes table();

 private:
  void create(const http::Request& request, http::Responder responder);
  void update(const http::Request& request, http::Responder responder);
  void erase(const http::Request& request, http::Responder responder);
  http::Response list(const http::Request& request);
  http::Response get(const http::Request& request);
  http::Response preview(const http::Request& request);
  http::Response audience(const http::Request& request);

  IsDeclared is_declared(std::string app_id);

  db::Database& database_;
  const audience::Users& users_;
  const audience::DataProviders& providers_;
  const Clock& clock_;
  const ServedCounts& counts_;
  BoardWriter writer_;
  AudienceCounter audience_counter_;
};

}  // namespace callboard::bulletins
