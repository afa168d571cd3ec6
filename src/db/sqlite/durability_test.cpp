// What was acknowledged is there after SIGKILL. (That it is on the disk, not only with the kernel,
// is what synchronous=FULL promises; a test cannot pull the plug.)

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

#include "db/backup.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

const std::vector<Migration> schema = {
    {1, "0001_changes", built_in_migrations(Dialect::sqlite).front().sql},
    {2, "0002_test", "CREATE TABLE t (id INTEGER PRIMARY KEY);"}};

class DurabilityTest : public StoreTest {
 protected:
  DurabilityTest() { use_migrations(schema); }
};

// Writes for ever, from several threads, and says each id once it is acknowledged.
[[noreturn]] void write_and_tell(const Options& options, int pipe) {
  const auto database = open(options);
  std::atomic<std::int64_t> next{1};
  const auto work = [&] {
    for (;;) {
      const std::int64_t id = next++;
      database->write_and_wait([id](Transaction& transaction) {
        transaction.execute("INSERT INTO t VALUES ($1)", {id});
      });
      if (::write(pipe, &id, sizeof id) != sizeof id) ::_exit(1);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  threads.front().join();
  ::_exit(1);
}

TEST_P(DurabilityTest, KeepsEveryAcknowledgedWriteOfAKilledProcess) {
  constexpr std::size_t enough = 500;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) write_and_tell(options(), ends[1]);
  ::close(ends[1]);

  std::set<std::int64_t> acknowledged;
  std::int64_t id = 0;
  while (::read(ends[0], &id, sizeof id) == sizeof id) {
    acknowledged.insert(id);
    if (acknowledged.size() == enough) ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(ends[0]);
  ASSERT_TRUE(WIFSIGNALED(status));

  ASSERT_GE(acknowledged.size(), enough);
  database().read([&](Transaction& transaction) {
    transaction.query("SELECT id FROM t", {},
                      [&](const Row& row) { acknowledged.erase(row.integer(0)); });
  });
  EXPECT_TRUE(acknowledged.empty()) << acknowledged.size() << " writes were lost";
  EXPECT_TRUE(check(options()).empty());
}

INSTANTIATE_TEST_SUITE_P(Only, DurabilityTest, testing::Values(DatabaseKind::sqlite),
                         [](const auto& each) { return name_of(each.param); });

}  // namespace
}  // namespace callboard::db
