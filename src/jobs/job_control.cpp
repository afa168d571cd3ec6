#include "jobs/job_control.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "jobs/claims.hpp"
#include "jobs/job.hpp"
#include "jobs/job_store.hpp"

namespace callboard::jobs {
namespace {

using States = std::span<const std::string_view>;

constexpr std::array may_cancel = {state::scheduled, state::available, state::retryable,
                                   state::running};
constexpr std::array may_run = {state::scheduled, state::retryable};
constexpr std::array may_retry = {state::discarded, state::cancelled};
constexpr std::array may_erase = {state::scheduled, state::available, state::retryable,
                                  state::completed, state::discarded, state::cancelled};

States states_for(JobAction action) {
  switch (action) {
    case JobAction::cancel:
      return may_cancel;
    case JobAction::run:
      return may_run;
    case JobAction::retry:
      return may_retry;
    case JobAction::erase:
      return may_erase;
  }
  return {};
}

struct Picked {
  std::int64_t id;
  std::string app_id, kind, state;
};
using Picks = std::vector<Picked>;

// The jobs of one table that are meant, held until the transaction ends; one more than may be
// changed where there are more.
class Picker {
 public:
  Picker(db::Transaction& transaction, JobAction action, const JobSelection& selection)
      : transaction_(transaction), selection_(selection) {
    for (const std::string_view state : states_for(action)) {
      if (filter().state.empty() || filter().state == state) states_.push_back(state);
    }
    if (states_.empty()) {
      throw Error(ErrorCode::invalid,
                  fmt::format("{} is not for jobs that are {}", name_of(action), filter().state));
    }
  }

  Picks from(std::string_view table, std::size_t most) const {
    std::vector<std::string> states;
    for (const std::string_view state : states_) {
      if (table_of(state) == table) states.push_back(fmt::format("'{}'", state));
    }
    Picks picks;
    if (states.empty()) return picks;
    const std::string ids_given = ids() != nullptr ? json_array(*ids()) : "[]";
    transaction_.query(
        sql(table, states),
        {selection_.scope.value(), filter().queue, filter().kind, ids_given,
         static_cast<std::int64_t>(most)},
        [&](const db::Row& row) {
          picks.push_back({row.integer(0), row.string(1), row.string(2), row.string(3)});
        });
    return picks;
  }

 private:
  const JobIds* ids() const { return std::get_if<JobIds>(&selection_.which); }
  const JobFilter& filter() const {
    static const JobFilter any;
    const auto* given = std::get_if<JobFilter>(&selection_.which);
    return given != nullptr ? *given : any;
  }
  std::string sql(std::string_view table, const std::vector<std::string>& states) const {
    const std::string by_id =
        "job_id IN (SELECT number FROM " + transaction_.numbers_in("$4") + " AS ids)";
    return fmt::format(
        "SELECT job_id, app_id, kind, state FROM {} WHERE {} AND {} AND {} AND state IN ({}){}"
        " ORDER BY job_id LIMIT $5{}",
        table, selection_.scope.condition(transaction_), filter_condition,
        ids() != nullptr ? by_id : "$4 = '[]'", fmt::join(states, ", "),
        table == "jobs" ? " AND (state <> 'running' OR cancel_requested = 0)" : "",
        ids() != nullptr ? transaction_.hold_rows(table) : transaction_.skip_locked());
  }

  db::Transaction& transaction_;
  const JobSelection& selection_;
  std::vector<std::string_view> states_;
};

JobIds ids_of(const Picks& picks) {
  JobIds ids;
  for (const Picked& pick : picks) ids.push_back(pick.id);
  return ids;
}

void announce_kinds(db::Transaction& transaction, const Picks& picks) {
  std::set<std::string> kinds;
  for (const Picked& pick : picks) kinds.insert(pick.kind);
  for (const std::string& kind : kinds) transaction.announce("", job_change, kind);
}

void cancel(db::Transaction& transaction, const Picks& picks, Timestamp now) {
  JobIds waiting, running;
  for (const Picked& pick : picks) {
    (pick.state == state::running ? running : waiting).push_back(pick.id);
  }
  end_waiting(transaction, waiting, state::cancelled, now);
  if (running.empty()) return;
  transaction.execute(fmt::format("UPDATE jobs SET cancel_requested = 1 WHERE job_id IN"
                                  " (SELECT number FROM {} AS ids)",
                                  transaction.numbers_in("$1")),
                      {json_array(running)});
  transaction.announce("", job_change, cancel_key);
}

void run_now(db::Transaction& transaction, const Picks& picks, Timestamp now) {
  transaction.execute(
      fmt::format("UPDATE jobs SET state = 'available', run_at_ms = $2 WHERE job_id IN"
                  " (SELECT number FROM {} AS ids)",
                  transaction.numbers_in("$1")),
      {json_array(ids_of(picks)), unix_ms(now)});
  announce_kinds(transaction, picks);
}

void erase(db::Transaction& transaction, std::string_view table, const Picks& picks) {
  if (picks.empty()) return;
  transaction.execute(fmt::format("DELETE FROM {} WHERE job_id IN (SELECT number FROM {} AS ids)",
                                  table, transaction.numbers_in("$1")),
                      {json_array(ids_of(picks))});
}

// One whose key another has by now stays in the history: that other is enough.
void retry(db::Transaction& transaction, const Picks& picks, Timestamp now) {
  constexpr std::string_view columns =
      "job_id, app_id, queue, kind, payload, priority, max_attempts, unique_key, errors,"
      " created_at_ms";
  transaction.execute(
      fmt::format("INSERT INTO jobs ({0}, state, run_at_ms, attempt) SELECT {0}, 'available',"
                  " CAST($2 AS BIGINT), 0 FROM job_history WHERE job_id IN"
                  " (SELECT number FROM {1} AS ids) ON CONFLICT DO NOTHING",
                  columns, transaction.numbers_in("$1")),
      {json_array(ids_of(picks)), unix_ms(now)});
  transaction.execute(
      fmt::format("DELETE FROM job_history WHERE job_id IN (SELECT number FROM {} AS ids)"
                  " AND EXISTS (SELECT 1 FROM jobs WHERE jobs.job_id = job_history.job_id)",
                  transaction.numbers_in("$1")),
      {json_array(ids_of(picks))});
  announce_kinds(transaction, picks);
}

void require_name(std::string_view queue) {
  if (is_job_name(queue)) return;
  throw Error(ErrorCode::invalid, "the queue's name must be 1 to 64 of a-z, 0-9, _ . -");
}

}  // namespace

std::string_view name_of(JobAction action) {
  constexpr std::array<std::string_view, 4> names = {"cancel", "run", "retry", "delete"};
  return names.at(static_cast<std::size_t>(action));
}

bool is_for(JobAction action, std::string_view state) {
  const States states = states_for(action);
  return std::ranges::find(states, state) != states.end();
}

std::size_t ChangedJobs::count() const {
  std::size_t total = 0;
  for (const auto& [app_id, ids] : by_app) total += ids.size();
  return total;
}

ChangedJobs change_jobs(db::Transaction& transaction, JobAction action,
                        const JobSelection& selection, Timestamp now) {
  const auto* ids = std::get_if<JobIds>(&selection.which);
  if (ids != nullptr && ids->size() > max_changed_at_once) {
    throw Error(ErrorCode::invalid, fmt::format("at most {} ids at once", max_changed_at_once));
  }
  const Picker picker(transaction, action, selection);
  ChangedJobs changed;
  for (const std::string_view table : {"jobs", "job_history"}) {
    const std::size_t left = max_changed_at_once - changed.count();
    Picks picks = picker.from(table, left + 1);
    if (picks.size() > left) {
      changed.more = true;
      picks.pop_back();
    }
    if (picks.empty()) continue;
    if (action == JobAction::cancel) cancel(transaction, picks, now);
    if (action == JobAction::run) run_now(transaction, picks, now);
    if (action == JobAction::retry) retry(transaction, picks, now);
    if (action == JobAction::erase) erase(transaction, table, picks);
    for (const Picked& pick : picks) changed.by_app[pick.app_id].push_back(pick.id);
  }
  return changed;
}

bool pause_queue(db::Transaction& transaction, std::string_view queue, std::string_view app_id,
                 Timestamp now) {
  require_name(queue);
  const bool is_new = transaction.execute(
                          "INSERT INTO job_pauses (queue, app_id, at_ms) VALUES ($1, $2, $3)"
                          " ON CONFLICT (queue, app_id) DO NOTHING",
                          {queue, app_id, unix_ms(now)}) > 0;
  const auto pauses =
      transaction.first("SELECT COUNT(*) FROM job_pauses WHERE app_id = $1", {app_id},
                        [](const db::Row& row) { return row.integer(0); });
  if (pauses.value() > max_pauses) {
    throw Error(ErrorCode::too_many, fmt::format("at most {} queues can be paused", max_pauses));
  }
  return is_new;
}

bool resume_queue(db::Transaction& transaction, std::string_view queue, std::string_view app_id) {
  require_name(queue);
  const bool was_paused =
      transaction.execute("DELETE FROM job_pauses WHERE queue = $1 AND app_id = $2",
                          {queue, app_id}) > 0;
  // Of whatever kind the jobs are that may be taken now.
  if (was_paused) transaction.announce("", job_change, "");
  return was_paused;
}

}  // namespace callboard::jobs
