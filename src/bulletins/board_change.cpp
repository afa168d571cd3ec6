#include "bulletins/board_change.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "bulletins/bulletin_store.hpp"
#include "bulletins/history.hpp"

namespace callboard::bulletins {
namespace {

Error no_such_bulletin(std::int64_t id) {
  return Error(ErrorCode::not_found, "no bulletin " + std::to_string(id));
}

// Unix milliseconds that grow from write to write of one bulletin, whatever the clock does.
Timestamp later_than(Timestamp last, Timestamp now) {
  return std::max(now, last + std::chrono::milliseconds{1});
}

void require_revision(const Bulletin& bulletin, std::optional<std::int64_t> expected) {
  if (expected.value_or(bulletin.revision) == bulletin.revision) return;
  throw Error(ErrorCode::conflict, "the current revision is " + std::to_string(bulletin.revision))
      .with_detail("/revision", "is not the current one");
}

}  // namespace

BoardChange::BoardChange(db::Transaction& transaction, audience::AuditEntry by, Timestamp now)
    : transaction_(transaction),
      by_(std::move(by)),
      now_(now),
      revision_(next_board_revision(transaction, by_.app_id)) {}

Bulletin BoardChange::create(const Draft& draft) {
  Bulletin created;
  static_cast<Draft&>(created) = draft;
  created.id = next_bulletin_id(transaction_, by_.app_id);
  created.created_at = created.updated_at = now_;
  insert(transaction_, by_.app_id, created);
  record(nullptr, &created);
  return created;
}

Bulletin BoardChange::update(const Update& update) {
  const auto before = find(transaction_, by_.app_id, update.id);
  if (!before) throw no_such_bulletin(update.id);
  require_revision(*before, update.expected_revision);
  Bulletin after = *before;
  static_cast<Draft&>(after) = update.draft;
  after.enabled = update.enabled.value_or(before->enabled);
  after.priority = update.priority.value_or(before->priority);
  after.revision = before->revision + 1;
  after.updated_at = later_than(before->updated_at, now_);
  replace(transaction_, by_.app_id, after);
  record(&*before, &after);
  return after;
}

void BoardChange::erase(std::int64_t id) {
  const auto before = find(transaction_, by_.app_id, id);
  if (!before) throw no_such_bulletin(id);
  remove(transaction_, by_.app_id, id);
  record(&*before, nullptr);
}

Bulletin BoardChange::restore(std::int64_t id, std::int64_t revision) {
  const HistoryQuery query{
      .workspace_id = by_.workspace_id, .app_id = by_.app_id, .bulletin_id = id, .limit = 1};
  const auto current = find(transaction_, by_.app_id, id);
  const auto last = history(transaction_, query);
  if (!current && last.empty()) throw no_such_bulletin(id);
  const Bulletin content = bulletin_from_json(content_at(transaction_, query, revision));
  Bulletin restored = current.value_or(content);
  static_cast<Draft&>(restored) = static_cast<const Draft&>(content);
  restored.revision = (current ? current->revision : revision_of(last.front().entry)) + 1;
  restored.updated_at = later_than(current ? current->updated_at : last.front().at, now_);
  if (current)
    replace(transaction_, by_.app_id, restored);
  else
    insert(transaction_, by_.app_id, restored);
  record(current ? &*current : nullptr, &restored);
  return restored;
}

void BoardChange::record(const Bulletin* before, const Bulletin* after) {
  by_.subject = subject_of((after != nullptr ? after : before)->id);
  by_.before = before != nullptr ? to_json_text(to_json(*before)) : "";
  by_.after = after != nullptr ? to_json_text(to_json(*after)) : "";
  audience::record(transaction_, by_, now_);
}

}  // namespace callboard::bulletins
