#include "bulletins/import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "bulletins/bulletin_store.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

using testing::ElementsAre;

constexpr auto replacing =
    R"("bulletin_name":"new","category":"","bulletin_body":"","valid_date_start":0,)"
    R"("valid_date_end":0,"bulletin_condition":{})";

std::string replacement(std::int64_t id, const std::string& more = "") {
  return R"({"bulletin_id":)" + std::to_string(id) + "," + replacing + more + "}\n";
}

// "LINE POINTER MESSAGE" of each detail.
std::vector<std::string> told(const Error& error) {
  std::vector<std::string> lines;
  for (const auto& [pointer, message, line] : error.details())
    lines.push_back(std::to_string(line) + " " + pointer + " " + message);
  return lines;
}
Error refusal(std::string_view text) {
  try {
    import_from_text(text, {});
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::internal, "accepted"};
}

TEST(Import, ReadsLinesOfBothKinds) {
  const auto lines = import_from_text(R"({"bulletin_name":"a"})"
                                      "\r\n\n  \n" +
                                          replacement(7) + "{\"bulletin_name\":\"b\"}",
                                      {});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(std::get<Draft>(lines[0].content).name, "a");
  EXPECT_EQ(lines[1].number, 4u);
  EXPECT_EQ(std::get<Update>(lines[1].content).id, 7);
  EXPECT_EQ(std::get<Draft>(lines[2].content).name, "b");
}

TEST(Import, NamesEveryCulprit) {
  const Error error =
      refusal(R"({"bulletin_name":"fine"})"
              "\n"
              R"({"bulletin_name":"","x":1})"
              "\n"
              "{\n"
              "[]\n"
              R"({"bulletin_id":1})"
              "\n" +
              replacement(2) + replacement(2) +
              R"({"bulletin_name":"c","bulletin_condition":{"logic":"&&","conditions":[{}]}})");
  EXPECT_EQ(error.code(), ErrorCode::invalid);
  EXPECT_EQ(error.message(), "nothing was imported: 6 lines are wrong");
  const auto lines = told(error);
  ASSERT_EQ(lines.size(), 12u) << testing::PrintToString(lines);
  EXPECT_EQ(lines[0], "2 /bulletin_name must not be empty");
  EXPECT_EQ(lines[1], "2 /x unknown member");
  EXPECT_THAT(lines[2], testing::StartsWith("3  not JSON"));
  EXPECT_THAT(lines[3], testing::StartsWith("4  "));
  EXPECT_EQ(lines[4], "5 /bulletin_name is missing");
  EXPECT_EQ(lines[10], "7 /bulletin_id stands in an earlier line too");
  EXPECT_THAT(lines[11], testing::StartsWith("8 /bulletin_condition/conditions/0"));
}

TEST(Import, HasBounds) {
  EXPECT_EQ(refusal("").message(), "there is no line to import");
  EXPECT_EQ(refusal(" \n\r\n").message(), "there is no line to import");
  std::string bad;
  for (std::size_t i = 0; i < max_import_lines; ++i) bad += "{}\n";
  EXPECT_EQ(refusal(bad).details().size(), max_import_errors);
  EXPECT_EQ(refusal(bad).message(), "nothing was imported: 10000 lines are wrong");
  EXPECT_EQ(refusal(bad + "{}").code(), ErrorCode::too_large);
}

class ImportTest : public BulletinsTest {
 protected:
  Imported run(const std::string& text) {
    Imported imported;
    change(
        [&](BoardChange& board) {
          imported = import_lines(import_from_text(text, {}), board);
          return Bulletin();
        },
        test_app, "bulletin.import");
    return imported;
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& bulletin :
         database().get([](db::Transaction& t) { return list_by_id(t, test_app, 0, 100); }))
      found.push_back(bulletin.name);
    return found;
  }
};
INSTANTIATE_STORE_TESTS(ImportTest);

TEST_P(ImportTest, CreatesAndReplaces) {
  add(draft_named("a"));
  add(draft_named("b"));
  const Imported imported = run("{\"bulletin_name\":\"c\"}\n" + replacement(2));
  EXPECT_EQ(imported.created, 1u);
  EXPECT_EQ(imported.replaced, 1u);
  EXPECT_THAT(imported.ids, ElementsAre(3, 2));
  EXPECT_THAT(names(), ElementsAre("a", "new", "c"));
}

TEST_P(ImportTest, AllOrNothing) {
  add(draft_named("a"));
  try {
    run("{\"bulletin_name\":\"c\"}\n" + replacement(1, R"(,"revision":8)") + replacement(9));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_THAT(told(error),
                ElementsAre("2 /revision is not the current one", "3 /bulletin_id no bulletin 9"));
  }
  try {
    run(replacement(1, R"(,"revision":8)"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
  }
  EXPECT_THAT(names(), ElementsAre("a"));
}

}  // namespace
}  // namespace callboard::bulletins
