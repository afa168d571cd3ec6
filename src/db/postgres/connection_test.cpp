#include "db/postgres/connection.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "db/postgres/connector.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db::postgres {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

// A server that takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, generic, &size) != 0) {
      throw std::runtime_error("no socket");
    }
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  // From here on its port refuses.
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  std::string port() const { return std::to_string(port_); }
  std::string url() const { return "postgres://x@127.0.0.1:" + port() + "/x"; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

Error error_of(const std::function<void()>& function) {
  try {
    function();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::internal, "nothing was thrown");
}

class PostgresConnectionTest : public testing::Test {
 protected:
  Connection connect(const Limits& limits = {}) { return Connection(place_.url(), limits); }
  static std::vector<std::string> texts(Connection& connection, std::string_view sql,
                                        Values values = {}) {
    std::vector<std::string> found;
    connection.query(sql, values, [&](const Row& row) { found.push_back(row.string(0)); });
    return found;
  }

  TemporaryPostgres place_;
};

TEST_F(PostgresConnectionTest, GivesUpOnAServerThatSaysNothing) {
  const SilentServer silent;
  const Error error = error_of([&] { Connection(silent.url(), {.connect_time = 50ms}); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.private_detail(), HasSubstr("no answer in time"));
}

TEST_F(PostgresConnectionTest, TurnsToTheNextHostWhereOneSaysNothing) {
  const SilentServer silent;
  const std::string url = place_.url();
  const auto host = url.find('@') + 1;
  const std::string both =
      url.substr(0, host) + "127.0.0.1:" + silent.port() + "," + url.substr(host);
  Connection connection(both, {.connect_time = 1s});
  EXPECT_THAT(texts(connection, "SELECT 'here'"), ElementsAre("here"));
}

TEST_F(PostgresConnectionTest, AStatementHasItsTime) {
  Connection connection = connect({.statement_time = 50ms});
  const Error error = error_of([&] { texts(connection, "SELECT CAST(pg_sleep(60) AS TEXT)"); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_FALSE(connection.is_spoiled());
  connection.set_unlimited();
  EXPECT_THAT(texts(connection, "SELECT CAST(pg_sleep(0.1) AS TEXT)"), ElementsAre(""));
}

TEST_F(PostgresConnectionTest, ALockIsWaitedForOnlySoLong) {
  Connection holder = connect();
  holder.run_script("CREATE TABLE t (n INTEGER)");
  holder.run_script("BEGIN; LOCK TABLE t");
  Connection waiter = connect({.lock_time = 50ms});
  const Error error = error_of([&] { waiter.execute("DELETE FROM t"); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.private_detail(), HasSubstr("55P03"));
}

TEST_F(PostgresConnectionTest, KnowsThatItWasHungUp) {
  Connection connection = connect();
  const auto pid = texts(connection, "SELECT CAST(pg_backend_pid() AS TEXT)").front();
  texts(*std::make_unique<Connection>(connect()),
        "SELECT CAST(pg_terminate_backend(" + pid + ") AS TEXT)");
  EXPECT_EQ(error_of([&] { connection.execute("SELECT 1"); }).code(), ErrorCode::unavailable);
  EXPECT_TRUE(connection.is_lost());
  EXPECT_TRUE(connection.is_spoiled());
}

// Rows come as they are sent; what a callback asks in between comes in between.
TEST_F(PostgresConnectionTest, ACallbackMayAskAgainAndMayThrow) {
  Connection connection = connect();
  const auto* const numbers = "SELECT CAST(n AS TEXT) FROM generate_series(1, 3) n ORDER BY n";
  std::string all;
  connection.query(numbers, {}, [&](const Row& outer) {
    connection.query(numbers, {}, [&](const Row& inner) {
      all += outer.string(0) + texts(connection, "SELECT '-'").front() + inner.string(0) + " ";
    });
  });
  EXPECT_EQ(all, "1-1 1-2 1-3 2-1 2-2 2-3 3-1 3-2 3-3 ");
  const auto fail = [](const Row&) { throw std::out_of_range("mine"); };
  EXPECT_THROW(connection.query(numbers, {}, fail), std::out_of_range);
  EXPECT_EQ(texts(connection, numbers).size(), 3u);
}

TEST_F(PostgresConnectionTest, FailsInTheMiddleOfItsRows) {
  Connection connection = connect();
  const auto* const failing = "SELECT CAST(1 / (3 - n) AS TEXT) FROM generate_series(1, 5) n";
  std::size_t rows = 0;
  const Error error = error_of([&] { connection.query(failing, {}, [&](const Row&) { ++rows; }); });
  EXPECT_THAT(error.private_detail(), HasSubstr("22012"));  // division by zero
  EXPECT_LE(rows, 2u);
  EXPECT_FALSE(connection.is_spoiled());
}

TEST_F(PostgresConnectionTest, KeepsABoundedNumberOfStatements) {
  Connection connection = connect();
  for (std::size_t i = 0; i < Connection::cached_statements + 10; ++i) {
    connection.execute("SELECT " + std::to_string(i));
  }
  connection.execute("SELECT 0");  // one that had to go
  const auto kept = texts(connection, "SELECT CAST(count(*) AS TEXT) FROM pg_prepared_statements");
  EXPECT_EQ(kept.front(), std::to_string(Connection::cached_statements));
}

TEST_F(PostgresConnectionTest, IsSpoiledByAnotherSchemaThanItHasPreparedFor) {
  Connection connection = connect();
  connection.run_script("CREATE TABLE t (n TEXT)");
  texts(connection, "SELECT * FROM t");
  connect().run_script("ALTER TABLE t ADD COLUMN m TEXT");
  EXPECT_EQ(error_of([&] { texts(connection, "SELECT * FROM t"); }).code(), ErrorCode::internal);
  EXPECT_TRUE(connection.is_spoiled());
}

TEST_F(PostgresConnectionTest, TakesValuesAsTheyAre) {
  Connection connection = connect();
  connection.run_script("CREATE TABLE t (n BIGINT, x DOUBLE PRECISION, s TEXT)");
  connection.execute("INSERT INTO t VALUES ($1, $2, $3)",
                     {std::int64_t{-9223372036854775807}, 0.1, "it's\n\"\\ 緩"});
  connection.execute("INSERT INTO t VALUES ($1, $2, $3)", {nullptr, nullptr, nullptr});
  int rows = 0;
  connection.query("SELECT n, x, s FROM t ORDER BY n", {}, [&](const Row& row) {
    if (++rows == 1) {
      EXPECT_EQ(row.integer(0), -9223372036854775807);
      EXPECT_EQ(row.real(1), 0.1);
      EXPECT_EQ(row.text(2), "it's\n\"\\ 緩");
    } else {
      EXPECT_TRUE(row.is_null(0) && row.is_null(1) && row.is_null(2));
    }
  });
  EXPECT_EQ(rows, 2);
  using namespace std::string_view_literals;
  EXPECT_EQ(error_of([&] { connection.execute("SELECT $1", {"a\0b"sv}); }).code(),
            ErrorCode::internal);
}

// The first failure costs a try; until the next one is due, nobody waits.
TEST_F(PostgresConnectionTest, AConnectorGoesEasyOnAServerThatIsAway) {
  SilentServer gone;
  gone.close();
  const SimulatedClock clock;
  Metrics metrics;
  Connector connector(gone.url(), {.location = "", .clock = clock, .metrics = metrics});
  const auto why = [&] { return error_of([&] { connector.connect(); }).private_detail(); };
  EXPECT_THAT(why(), HasSubstr("refused"));
  EXPECT_THAT(why(), HasSubstr("another one comes soon"));
  EXPECT_THAT(metrics.render(), HasSubstr("{outcome=\"failed\"} 1"));
}

}  // namespace
}  // namespace callboard::db::postgres
