#include "bulletins/board.hpp"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace callboard::bulletins {
namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::vector<conditions::Condition> conditions_of(const std::vector<PostPointer>& posts) {
  std::vector<conditions::Condition> conditions;
  conditions.reserve(posts.size());
  for (const auto& post : posts) conditions.push_back(post->condition);
  return conditions;
}

std::vector<std::int64_t> edges_of(const std::vector<PostPointer>& posts) {
  std::vector<std::int64_t> edges;
  for (const auto& post : posts) {
    if (post->start_unix_s != 0) edges.push_back(post->start_unix_s);
    if (post->end_unix_s != 0) edges.push_back(post->end_unix_s);
  }
  std::ranges::sort(edges);
  edges.erase(std::ranges::unique(edges).begin(), edges.end());
  return edges;
}

std::string fragment_of(const Bulletin& bulletin) {
  std::string out = "{\"name\":";
  append_json_string(out, bulletin.name);
  out += ",\"category\":";
  append_json_string(out, bulletin.category);
  out += ",\"body\":";
  append_json_string(out, bulletin.body);
  out += ",\"id\":" + std::to_string(bulletin.id);
  out += ",\"priority\":" + std::to_string(bulletin.priority) + '}';
  return out;
}

// Nothing if the text is not a condition.
std::optional<conditions::Condition> read_condition(const std::string& text, std::int64_t id,
                                                    std::string& why) {
  try {
    auto parsed = conditions::parse(parse_json(text), {});
    if (parsed) return parsed->with_rollout_group(std::to_string(id));
    why = "at \"" + parsed.error().pointer + "\": " + parsed.error().message;
  } catch (const Error& error) {
    why = error.message();
  }
  return std::nullopt;
}

PostPointer compile_row(std::string_view app_id, const StoredRow& row, ServedCounts& counts) {
  const Bulletin& bulletin = row.bulletin;
  std::string why;
  auto condition = read_condition(row.condition, bulletin.id, why);
  if (!condition) {
    log::error("bulletin_with_bad_condition",
               {{"app", app_id}, {"bulletin", bulletin.id}, {"why", std::string_view(why)}});
    return nullptr;
  }
  Post post;
  post.id = bulletin.id;
  post.revision = bulletin.revision;
  post.start_unix_s = bulletin.start_unix_s;
  post.end_unix_s = bulletin.end_unix_s;
  post.category = bulletin.category;
  post.fragment = fragment_of(bulletin);
  post.condition = std::move(*condition);
  post.served = counts.counter_of(app_id, bulletin.id);
  return std::make_shared<const Post>(std::move(post));
}

std::unordered_map<std::int64_t, PostPointer> posts_by_id(const Board* board) {
  std::unordered_map<std::int64_t, PostPointer> known;
  if (board == nullptr) return known;
  for (const auto& post : board->posts()) known.emplace(post->id, post);
  return known;
}

std::vector<ServedCounter> counters_of(const std::vector<PostPointer>& posts) {
  std::vector<ServedCounter> counters;
  counters.reserve(posts.size());
  for (const auto& post : posts) counters.push_back(*post->served);
  return counters;
}

}  // namespace

Board::Board(std::string_view app_id, std::int64_t revision, std::vector<PostPointer> posts,
             const audience::DataProviders& providers)
    : revision_(revision),
      serial_(next_serial()),
      posts_(std::move(posts)),
      served_(counters_of(posts_)),
      matcher_(conditions_of(posts_)),
      binding_(providers.bind(app_id, matcher_.variables())),
      edges_unix_s_(edges_of(posts_)) {}

Timestamp Board::next_edge_after(Timestamp now) const {
  Timestamp edge = Timestamp::max();
  const auto next = std::ranges::upper_bound(edges_unix_s_, unix_seconds(now));
  if (next != edges_unix_s_.end()) edge = Timestamp{std::chrono::seconds{*next}};
  if (const auto turn_ms = matcher_.next_edge_after(unix_ms(now))) {
    edge = std::min(edge, timestamp_from_ms(*turn_ms));
  }
  return edge;
}

CompiledPosts compile(std::string_view app_id, const std::vector<StoredRow>& rows,
                      const Board* previous, ServedCounts& counts) {
  const auto known = posts_by_id(previous);
  CompiledPosts compiled;
  compiled.posts.reserve(rows.size());
  for (const StoredRow& row : rows) {
    const auto before = known.find(row.bulletin.id);
    const bool unchanged =
        before != known.end() && before->second->revision == row.bulletin.revision;
    PostPointer post = unchanged ? before->second : compile_row(app_id, row, counts);
    if (post)
      compiled.posts.push_back(std::move(post));
    else
      ++compiled.bad_rows;
  }
  return compiled;
}

}  // namespace callboard::bulletins
