#include <iostream>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "audience/audience.hpp"
#include "bulletins/bulletins.hpp"
#include "db/backup.hpp"
#include "events/events.hpp"
#include "identity/identity.hpp"
#include "quizzes/quizzes.hpp"

namespace callboard::app {
namespace {

constexpr std::size_t max_problems_shown = 100;

// What the database itself can't know: that the rows mean what the program takes them for.
void check_rows(const Settings& settings, const db::Options& options,
                std::vector<std::string>& problems) {
  const auto report = [&](std::string problem) { problems.push_back(std::move(problem)); };
  const auto server_key = existing_server_key(settings);
  const auto database = db::open(options);
  database->read([&](db::Transaction& transaction) {
    audience::check_stored(transaction, report);
    bulletins::check_stored(transaction, report);
    events::check_stored(transaction, report);
    quizzes::check_stored(transaction, report);
    if (server_key) identity::KeyStore(*server_key).check_all(transaction, report);
  });
  if (!server_key) report("there is no server key, so the applications' keys can't be read");
}

}  // namespace

int check(const Settings& settings) {
  const SystemClock clock;
  Metrics metrics;
  const db::Options options = database_options(settings, clock, metrics);
  std::vector<std::string> problems = db::check(options);
  if (problems.empty()) {
    if (db::pending(options).empty()) {
      check_rows(settings, options, problems);
    } else {
      problems.emplace_back("the schema is older than this program: run callboard migrate");
    }
  }
  for (std::size_t i = 0; i < std::min(problems.size(), max_problems_shown); ++i) {
    std::cout << problems[i] << "\n";
  }
  if (problems.empty()) {
    std::cout << "nothing is wrong\n";
  } else {
    std::cout << "problems: " << problems.size() << "\n";
  }
  return problems.empty() ? 0 : 1;
}

}  // namespace callboard::app
