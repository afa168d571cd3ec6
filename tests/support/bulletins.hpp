#pragma once

// What tests of bulletins share: an application to put them in, and drafts to put there.

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "audience/audience.hpp"
#include "base/json.hpp"
#include "bulletins/board_change.hpp"
#include "bulletins/bulletins.hpp"
#include "tests/support/applications.hpp"

namespace callboard::bulletins {

class BulletinsTest : public ApplicationsTest {
 protected:
  struct Written {
    Bulletin bulletin;
    std::int64_t board_revision = 0;
  };
  // Changes the board as an operator would.
  Written change(const std::function<Bulletin(BoardChange&)>& work, std::string_view app = test_app,
                 std::string action = "bulletin.update") {
    Written written;
    write([&](db::Transaction& transaction) {
      auto by = audience::command_entry("default", app, std::move(action), "");
      BoardChange board(transaction, std::move(by), clock().now());
      written = {work(board), board.revision()};
    });
    return written;
  }
  Written add(const Draft& draft, std::string_view app = test_app) {
    return change([&](BoardChange& board) { return board.create(draft); }, app, "bulletin.create");
  }
  std::int64_t erase(std::int64_t id, std::string_view app = test_app) {
    const auto work = [&](BoardChange& board) {
      board.erase(id);
      return Bulletin();
    };
    return change(work, app, "bulletin.delete").board_revision;
  }
};

inline Draft draft_named(std::string name) {
  Draft draft;
  draft.name = std::move(name);
  draft.category = "default";
  draft.body = "some body";
  draft.condition = boost::json::object{{"logic", ""}, {"conditions", boost::json::array()}};
  return draft;
}

// Holds for users whose `age` is below the number.
inline Draft draft_for_under(int age, std::string name) {
  Draft draft = draft_named(std::move(name));
  draft.condition =
      parse_json(R"({"logic":"&&","conditions":[{"variable":"age","logic":"<","target":)" +
                 std::to_string(age) + R"(,"target_type":"number"}]})");
  return draft;
}

}  // namespace callboard::bulletins
