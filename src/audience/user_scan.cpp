#include "audience/user_scan.hpp"

#include <algorithm>

namespace callboard::audience {
namespace {

double seconds(Timestamp time) {
  return static_cast<double>(unix_ms(time)) / 1000;
}

}  // namespace

void scan_users(db::Transaction& transaction, std::string_view app_id, std::string_view above,
                std::string_view below, Direction direction, std::int64_t limit,
                const std::function<void(const StoredUser&)>& each) {
  static constexpr std::string_view columns = "SELECT user_id, attributes, registered_at_ms ";
  static const std::string range =
      std::string(columns) + "FROM users WHERE app_id = $1 AND user_id > $2 AND user_id < $3 ";
  static const std::string upwards = range + "ORDER BY user_id LIMIT $4";
  static const std::string downwards = range + "ORDER BY user_id DESC LIMIT $4";
  transaction.query(direction == Direction::ascending ? upwards : downwards,
                    {app_id, above, below, limit}, [&](const db::Row& row) {
                      each({row.text(0), row.text(1), timestamp_from_ms(row.integer(2))});
                    });
}

StoredVariables::StoredVariables(const DataProviders& providers, std::string_view app_id,
                                 const std::vector<std::string>& names, Timestamp now)
    : picker_(names), now_(seconds(now)), values_(names.size()) {
  const Binding binding = providers.bind(app_id, names);
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    sources_.push_back(source_of(names[slot], binding.provider_of(slot)));
  }
  needs_attributes_ = std::ranges::find(sources_, Source::attribute) != sources_.end();
}

StoredVariables::Source StoredVariables::source_of(std::string_view name,
                                                   std::string_view provider) {
  if (name == "user_id") return Source::user_id;
  if (name == "registered_at") return Source::registered_at;
  if (name == "now") return Source::now;
  return provider == "attributes" ? Source::attribute : Source::missing;
}

std::span<const conditions::Value* const> StoredVariables::of(const StoredUser& user) {
  const auto attributes = needs_attributes_ ? picker_.pick(user.attributes)
                                            : std::span<const conditions::Value* const>();
  for (std::size_t slot = 0; slot < sources_.size(); ++slot) {
    switch (sources_[slot]) {
      case Source::missing:
        break;
      case Source::user_id:
        user_id_.assign(user.user_id);
        values_[slot] = &user_id_;
        break;
      case Source::registered_at:
        registered_at_ = conditions::Value(seconds(user.registered_at));
        values_[slot] = &registered_at_;
        break;
      case Source::now:
        values_[slot] = &now_;
        break;
      case Source::attribute:
        values_[slot] = attributes[slot];
        break;
    }
  }
  return values_;
}

}  // namespace callboard::audience
