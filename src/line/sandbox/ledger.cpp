#include "line/sandbox/ledger.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <utility>

#include "base/json.hpp"

namespace callboard::line::sandbox {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

template <class Rows>
void drop_oldest(Rows& rows, std::size_t limit) {
  while (rows.size() > limit) rows.pop_front();
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":");
  append_json_string(out, text);
}

}  // namespace

Ledger::Ledger(std::optional<std::int64_t> monthly_limit, const Clock& clock)
    : clock_(clock), monthly_limit_(monthly_limit) {}

bool Ledger::admits(std::string_view endpoint, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = clock_.monotonic();
  auto& calls = calls_[std::string(endpoint)];
  while (!calls.empty() && calls.front() <= now - 1s) calls.pop_front();
  if (calls.size() >= limit) {
    note_violation("more than " + std::to_string(limit) + " calls of " + std::string(endpoint) +
                   " within a second");
    return false;
  }
  calls.push_back(now);
  return true;
}

const Ledger::UsedKey* Ledger::used_key(const Sending& sending, Timestamp now) {
  if (sending.retry_key.empty()) return nullptr;
  const auto found = keys_.find(sending.retry_key);
  if (found == keys_.end() || found->second.at + retry_key_life <= now) return nullptr;
  if (found->second.body_hash != std::hash<std::string>{}(sending.body)) {
    note_violation("the retry key " + sending.retry_key + " came again with another body");
  }
  return &found->second;
}

Taken Ledger::take(Sending sending) {
  const std::lock_guard lock(mutex_);
  const Timestamp now = clock_.now();
  if (const UsedKey* used = used_key(sending, now)) {
    return {Verdict::accepted_before, used->request_id};
  }
  const auto count = static_cast<std::int64_t>(sending.to.size());
  if (monthly_limit_ && used_ + count > *monthly_limit_) return {Verdict::monthly_limit, {}};
  used_ += count;
  std::string request_id = sending.request_id;
  use_key(sending, now);
  append(std::move(sending), now);
  return {Verdict::accepted, std::move(request_id)};
}

void Ledger::use_key(const Sending& sending, Timestamp now) {
  if (sending.retry_key.empty()) {
    return note_violation("a " + sending.endpoint + " without a retry key");
  }
  keys_.insert_or_assign(sending.retry_key,
                         UsedKey{sending.request_id, now, std::hash<std::string>{}(sending.body)});
  keys_in_order_.push_back(sending.retry_key);
  while (keys_in_order_.size() > max_retry_keys) {
    keys_.erase(keys_in_order_.front());
    keys_in_order_.pop_front();
  }
}

void Ledger::append(Sending sending, Timestamp now) {
  std::vector<std::string> to = std::exchange(sending.to, {});
  const std::vector<bool> delivered = std::exchange(sending.delivered, {});
  sending.body = {};
  if (last_messages_ && *last_messages_ == *sending.messages) sending.messages = last_messages_;
  last_messages_ = sending.messages;
  const auto shared = std::make_shared<const Sending>(std::move(sending));
  for (std::size_t i = 0; i < to.size(); ++i) {
    rows_.push_back({next_number_++, std::move(to[i]), shared, now, delivered[i]});
  }
  drop_oldest(rows_, max_ledger_rows);
}

std::optional<std::int64_t> Ledger::monthly_limit() const {
  const std::lock_guard lock(mutex_);
  return monthly_limit_;
}

void Ledger::set_monthly_limit(std::optional<std::int64_t> limit) {
  const std::lock_guard lock(mutex_);
  monthly_limit_ = limit;
}

std::int64_t Ledger::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

std::string Ledger::shown(std::string_view to, std::uint64_t after, std::size_t max_bytes) const {
  const std::lock_guard lock(mutex_);
  std::string out = "{\"messages\":[";
  bool is_first = true;
  for (const Row& row : rows_) {
    if (row.number <= after || (!to.empty() && row.to != to)) continue;
    if (out.size() > max_bytes) return out + "],\"more\":true}";
    if (!is_first) out += ',';
    is_first = false;
    out += "{\"number\":" + std::to_string(row.number);
    append_member(out, "to", row.to);
    append_member(out, "endpoint", row.sending->endpoint);
    append_member(out, "retry_key", row.sending->retry_key);
    append_member(out, "request_id", row.sending->request_id);
    append_member(out, "at", rfc3339(row.at));
    out += row.delivered ? ",\"delivered\":true" : ",\"delivered\":false";
    out += ",\"messages\":" + *row.sending->messages + '}';
  }
  return out + "]}";
}

std::vector<std::string> Ledger::recipients(std::size_t count) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> found;
  for (auto row = rows_.rbegin(); row != rows_.rend() && found.size() < count; ++row) {
    if (std::ranges::find(found, row->to) == found.end()) found.push_back(row->to);
  }
  return found;
}

void Ledger::note_violation(std::string what) {
  violations_.push_back({clock_.now(), std::move(what)});
  drop_oldest(violations_, max_violations);
}

void Ledger::report(std::string what) {
  const std::lock_guard lock(mutex_);
  note_violation(std::move(what));
}

std::string Ledger::shown_violations() const {
  const std::lock_guard lock(mutex_);
  json::array all;
  for (const Violation& violation : violations_) {
    all.push_back(json::object{{"at", rfc3339(violation.at)}, {"what", violation.what}});
  }
  return json::serialize(json::object{{"violations", std::move(all)}});
}

void Ledger::clear() {
  const std::lock_guard lock(mutex_);
  rows_.clear();
  violations_.clear();
}

}  // namespace callboard::line::sandbox
