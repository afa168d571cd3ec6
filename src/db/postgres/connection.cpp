#include "db/postgres/connection.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "db/postgres/error.hpp"
#include "db/postgres/hosts.hpp"
#include "db/postgres/parameters.hpp"

namespace callboard::db::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int oldest_server = 150'000;
// The server ends a statement that takes too long; only one that does not answer at all is given up
// on here, this much later.
constexpr std::chrono::milliseconds grace{2'000};

// Statements that the server does not know any more, or that mean something else since the schema
// has changed: a new connection has none of them.
constexpr std::array<std::string_view, 2> stale_states = {"26000", "0A000"};

void log_notice(void*, const char* message) {
  log::debug("database_notice", {{"message", message}});
}

bool has_failed(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

std::string statements_of(const Limits& limits, std::string_view set) {
  return fmt::format(
      "{0} statement_timeout = {1}; {0} lock_timeout = {2};"
      "{0} idle_in_transaction_session_timeout = {3}",
      set, limits.statement_time.count(), limits.lock_time.count(),
      limits.idle_in_transaction_time.count());
}

}  // namespace

Connection::Connection(const std::string& url, const Limits& limits, Route route)
    : route_(route), limited_(limits.statement_time + grace), patience_(limited_) {
  connect(url, limits.connect_time);
  require_server();
  if (route == Route::direct) {
    run_script(statements_of(limits, "SET"));
  } else {
    limits_ = statements_of(limits, "SET LOCAL");
  }
}

void Connection::begin(const char* how) {
  run_script(limits_.empty() ? how : fmt::format("{}; {}", how, limits_));
}

void Connection::connect(const std::string& url, std::chrono::milliseconds timeout) {
  const std::vector<Host> hosts = hosts_of(url);
  for (std::size_t i = 0; i + 1 < hosts.size(); ++i) {
    try {
      return connect_to(url, hosts[i], timeout);
    } catch (const Error& error) {
      log::warning("database_host_failed",
                   {{"host", hosts[i].host}, {"why", error.private_detail()}});
    }
  }
  connect_to(url, hosts.back(), timeout);
}

void Connection::connect_to(const std::string& url, const Host& host,
                            std::chrono::milliseconds timeout) {
  // Where a statement has no limit, it is these that notice a server that is gone. What the URL
  // says comes later and counts more.
  std::vector<const char*> names = {"keepalives_idle", "keepalives_interval", "keepalives_count"};
  std::vector<const char*> values = {"10", "5", "3"};
  names.insert(names.end(), {"dbname", "fallback_application_name", "client_encoding"});
  values.insert(values.end(), {url.c_str(), "callboard", "UTF8"});
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    names.push_back(name);
    values.push_back(value.c_str());
  };
  add("host", host.host);
  add("hostaddr", host.hostaddr);
  add("port", host.port);
  names.push_back(nullptr);
  values.push_back(nullptr);
  handle_.reset(PQconnectStartParams(names.data(), values.data(), 1));
  if (handle_ == nullptr) throw std::bad_alloc();
  finish_connecting(Clock::now() + timeout);
  PQsetnonblocking(handle_.get(), 1);
  PQsetNoticeProcessor(handle_.get(), log_notice, nullptr);
}

void Connection::finish_connecting(Deadline end) {
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(handle_.get()) != CONNECTION_BAD && state != PGRES_POLLING_OK) {
    wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, end);
    state = PQconnectPoll(handle_.get());
    if (state == PGRES_POLLING_FAILED) break;
  }
  if (state != PGRES_POLLING_OK) throw lost_connection(PQerrorMessage(handle_.get()));
}

void Connection::require_server() const {
  if (PQserverVersion(handle_.get()) < oldest_server) {
    throw Error(ErrorCode::invalid, "the database server is too old: PostgreSQL 15 is needed");
  }
  const char* const encoding = PQparameterStatus(handle_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    throw Error(ErrorCode::invalid,
                fmt::format("the database stores text as {}: make one with ENCODING 'UTF8'",
                            encoding != nullptr ? encoding : "something unknown"));
  }
}

void Connection::set_unlimited() {
  run_script(
      "SET statement_timeout = 0; SET lock_timeout = 0;"
      "SET idle_in_transaction_session_timeout = 0");
  limited_ = patience_ = unlimited;
}

bool Connection::in_transaction() const {
  return !is_lost() && PQtransactionStatus(handle_.get()) != PQTRANS_IDLE;
}

bool Connection::can_commit() const {
  return !is_lost() && PQtransactionStatus(handle_.get()) == PQTRANS_INTRANS;
}

bool Connection::is_spoiled() const {
  return is_lost() || in_transaction() || statements_are_stale_;
}

// The results of one query, in order. While it lives, it is what the connection is busy with.
class Connection::Rows {
 public:
  Rows(Connection& connection, std::string_view sql)
      : connection_(connection), sql_(sql), outer_(std::exchange(connection.rows_, this)) {
    PQsetSingleRowMode(connection_.handle());
  }
  // Whatever the callback has thrown: the connection is to be of use afterwards.
  ~Rows() {
    try {
      while (!connection_.is_lost() && take() != nullptr) {
      }
    } catch (...) {
      // The transaction, or the connection, is lost; the next statement, or the commit, says so.
    }
    connection_.rows_ = outer_;
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // Null: there are no more.
  Result next() {
    if (kept_.empty()) return take();
    Result result = std::move(kept_.front());
    kept_.pop_front();
    return result;
  }
  // Another statement is about to use the connection.
  void keep_the_rest() {
    while (Result result = take()) kept_.push_back(std::move(result));
  }

 private:
  Result take() {
    if (is_over_) return nullptr;
    Result result = connection_.take_one(connection_.deadline());
    is_over_ = result == nullptr;
    if (is_over_ || !has_failed(result.get())) return result;
    const Error error = connection_.failure(result.get(), sql_);
    while (!connection_.is_lost() && !is_over_) {
      is_over_ = connection_.take_one(connection_.deadline()) == nullptr;
    }
    is_over_ = true;
    throw Error(error);
  }

  Connection& connection_;
  const std::string_view sql_;
  Rows* const outer_;
  std::deque<Result> kept_;
  bool is_over_ = false;
};

std::int64_t Connection::execute(std::string_view sql, Values values) {
  send(sql, values);
  const Result result = finish(sql);
  if (result == nullptr || PQresultStatus(result.get()) == PGRES_EMPTY_QUERY) {
    throw misuse("no statement", sql);
  }
  return changed_rows(result.get());
}

void Connection::query(std::string_view sql, Values values,
                       const std::function<void(const Row&)>& each) {
  send(sql, values);
  Rows rows(*this, sql);
  while (const Result result = rows.next()) {
    if (PQresultStatus(result.get()) == PGRES_EMPTY_QUERY) throw misuse("no statement", sql);
    for (int row = 0; row < PQntuples(result.get()); ++row) each(ResultRow(result.get(), row));
  }
}

void Connection::run_script(const std::string& sql) {
  start(sql);
  finish(sql);
}

Result Connection::start(const std::string& sql) {
  if (rows_ != nullptr) rows_->keep_the_rest();
  require_sent(PQsendQuery(handle_.get(), sql.c_str()), sql);
  send_all(deadline());
  Result result = take_one(deadline());
  if (result != nullptr && has_failed(result.get())) {
    const Error error = failure(result.get(), sql);
    while (!is_lost() && take_one(deadline()) != nullptr) {
    }
    throw Error(error);
  }
  return result;
}

void Connection::send(std::string_view sql, Values values) {
  if (rows_ != nullptr) rows_->keep_the_rest();
  const Parameters parameters(values, sql);
  if (route_ == Route::direct) {
    const std::string& name = prepared(sql, values);
    require_sent(PQsendQueryPrepared(handle_.get(), name.c_str(), parameters.count(),
                                     parameters.values(), nullptr, nullptr, 0),
                 sql);
  } else {
    require_sent(
        PQsendQueryParams(handle_.get(), std::string(sql).c_str(), parameters.count(),
                          types_of(values).data(), parameters.values(), nullptr, nullptr, 0),
        sql);
  }
  send_all(deadline());
}

const std::string& Connection::prepared(std::string_view sql, Values values) {
  auto [entry, is_new] = statements_.try_emplace(statement_key(sql, values));
  Prepared& statement = entry->second;
  statement.last_use = ++uses_;
  if (!is_new) return statement.name;
  statement.name = fmt::format("s{}", uses_);
  const std::vector<Oid> types = types_of(values);
  try {
    require_sent(PQsendPrepare(handle_.get(), statement.name.c_str(), std::string(sql).c_str(),
                               static_cast<int>(types.size()), types.data()),
                 sql);
    send_all(deadline());
    finish(sql);
  } catch (...) {
    statements_.erase(entry);
    throw;
  }
  if (statements_.size() > cached_statements) forget_oldest();
  return statement.name;
}

void Connection::forget_oldest() {
  const auto oldest = std::ranges::min_element(
      statements_, {}, [](const auto& entry) { return entry.second.last_use; });
  run_script("DEALLOCATE " + oldest->second.name);
  statements_.erase(oldest);
}

Result Connection::finish(std::string_view doing) {
  Result last;
  Result failed;
  const Deadline end = deadline();
  for (Result next = take_one(end); next != nullptr; next = take_one(end)) {
    if (has_failed(next.get()) && failed == nullptr)
      failed = std::move(next);
    else
      last = std::move(next);
    if (is_lost()) break;
  }
  if (failed == nullptr) return last;
  throw failure(failed.get(), doing);
}

// What PgBouncer itself has to say has the code of a protocol violation.
Error Connection::failure(const PGresult* result, std::string_view doing) {
  const char* const field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view state = field != nullptr ? field : "";
  statements_are_stale_ |= std::ranges::find(stale_states, state) != stale_states.end();
  if (route_ == Route::pooled && state == "08P01") {
    return lost_connection(PQresultErrorMessage(result));
  }
  return error_of(result, doing);
}

void Connection::require_sent(int sent, std::string_view doing) {
  if (sent == 1) return;
  const std::string why = fmt::format("{} at: {}", PQerrorMessage(handle_.get()), doing);
  handle_.reset();
  throw lost_connection(why);
}

void Connection::send_all(Deadline deadline) {
  for (int left = PQflush(handle_.get()); left != 0; left = PQflush(handle_.get())) {
    if (left < 0) require_sent(0, "sending");
    // The server may want to be read before it reads on.
    wait(POLLIN | POLLOUT, deadline);
    if (PQconsumeInput(handle_.get()) == 0) require_sent(0, "sending");
  }
}

Result Connection::take_one(Deadline deadline) {
  while (PQisBusy(handle_.get()) != 0) {
    wait(POLLIN, deadline);
    if (PQconsumeInput(handle_.get()) == 0) break;  // PQgetResult() tells what has happened
  }
  return Result(PQgetResult(handle_.get()));
}

void Connection::wait(short events, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{PQsocket(handle_.get()), events, 0};
    const int ready =
        left <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return;
    if (left > 0) continue;
    handle_.reset();  // whatever it may still do, nobody hears of it
    throw lost_connection("no answer in time");
  }
}

Connection::Deadline Connection::deadline() const {
  return Clock::now() + patience_;
}

}  // namespace callboard::db::postgres
