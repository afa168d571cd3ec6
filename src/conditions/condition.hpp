#pragma once

// A condition decides who sees something. It is parsed from JSON once, checked wholly, and from
// then on an immutable tree that is cheap to copy and may be shared by threads.
//
// docs/conditions.md describes the language itself.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "conditions/predicate.hpp"

namespace callboard::conditions {

inline constexpr std::size_t max_depth = 8;         // groups within groups; the outermost is one
inline constexpr std::size_t max_conditions = 256;  // leaves
inline constexpr std::size_t max_list_entries = 1'000;
inline constexpr std::size_t max_string_bytes = 1'024;
inline constexpr std::size_t max_pattern_program_bytes = std::size_t(1) << 20;

enum class Logic : std::uint8_t { leaf, all, any, negation };

struct Node {
  Logic logic = Logic::all;
  std::vector<Node> children;                  // empty for a leaf; exactly one for a negation
  std::shared_ptr<const Predicate> predicate;  // only for a leaf
};

class Condition {
 public:
  // Holds for everyone.
  Condition();
  explicit Condition(Node root);

  // The same condition, its rollouts that name no group bound to this one (a bulletin's id).
  Condition with_rollout_group(std::string group) const;

  const Node& root() const { return *root_; }
  const std::string& rollout_group() const { return rollout_group_; }

  bool is_for_everyone() const { return root_->logic == Logic::all && root_->children.empty(); }

  // Every variable once, in the order of their first mention.
  std::vector<std::string> variables() const;

 private:
  std::shared_ptr<const Node> root_;
  std::string rollout_group_;
};

struct ParseError {
  std::string pointer;  // RFC 6901, into the condition; a missing member's own place
  std::string message;
};

struct ParseOptions {
  // Whether some data provider supplies this variable. Empty: every name will do.
  std::function<bool(std::string_view)> is_declared;
  // Whether a single leaf may stand where a group is expected, at the top.
  bool allow_bare_leaf = false;
};

// null, {} and a top-level group with an empty list are for everyone. The first thing that breaks a
// rule of the language is the error. Throws only std::bad_alloc.
tl::expected<Condition, ParseError> parse(const boost::json::value& json,
                                          const ParseOptions& options = {});

// The condition as it would be written; its rollouts name their groups.
boost::json::object condition_to_json(const Condition& condition);

// "&&", "||" or "!"; nothing for a leaf.
std::string_view name_of(Logic logic);

}  // namespace callboard::conditions
