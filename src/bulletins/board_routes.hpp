#pragma once

// What apps call: the board of one user, by the user's own client and by the app's backend. Owned
// by app/; any thread; everything passed in outlives it, and the pool outlives the boards, whose
// loader hands readers that waited for a revision back to it.

#include "bulletins/board_reader.hpp"
#include "bulletins/boards.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "http/work_pool.hpp"

namespace callboard::bulletins {

class BoardRoutes {
 public:
  BoardRoutes(db::Database& database, Boards& boards, BoardReader& reader, http::WorkPool& pool,
              const Clock& clock);

  // Refers to `this`, which must outlive the server.
  http::Routes table();

 private:
  // Who is asked about: the caller, or the user named in the path.
  enum class About { caller, path };

  http::Handler read_for(About about);
  bool read_from_memory(const http::Request& request, About about, http::Response& response);
  void read(const http::Request& request, About about, http::Responder responder);
  void read_with_context(const http::Request& request, http::Responder responder);

  struct Reading;
  void answer_when_new_enough(std::shared_ptr<Reading> reading, http::Responder responder);
  void answer(const Reading& reading, http::Responder responder);

  db::Database& database_;
  Boards& boards_;
  BoardReader& reader_;
  http::WorkPool& pool_;
  const Clock& clock_;
};

}  // namespace callboard::bulletins
