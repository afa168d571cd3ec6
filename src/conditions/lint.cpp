#include "conditions/lint.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "conditions/contradiction.hpp"

namespace callboard::conditions {
namespace {

class Linter {
 public:
  Linter(std::string_view rollout_group, const std::function<bool(std::string_view)>& has_users)
      : rollout_group_(rollout_group), has_users_(has_users) {}

  std::vector<Warning> run(const Node& root) {
    visit(root, "");
    return std::move(warnings_);
  }

 private:
  // Whether something below was found to be constant, so that what stands above need not be.
  bool visit(const Node& node, const std::string& pointer) {
    if (node.logic == Logic::leaf) check_users(node.predicate->variable, pointer);
    check_duplicates(node, pointer);
    bool is_known = false;
    for (std::size_t i = 0; i < node.children.size(); ++i)
      is_known |= visit(node.children[i], pointer + "/conditions/" + std::to_string(i));
    return is_known || check_constant(node, pointer);
  }

  bool check_constant(const Node& node, const std::string& pointer) {
    if (node.logic == Logic::all && node.children.empty()) return false;
    if (is_contradiction(conjuncts_of(node))) {
      warnings_.push_back({pointer, "is always false"});
      return true;
    }
    if (is_contradiction(conjuncts_of(node, true))) {
      warnings_.push_back({pointer, "is always true"});
      return true;
    }
    return false;
  }

  void check_users(const std::string& variable, const std::string& pointer) {
    if (has_users_ && !has_users_(variable) && reported_.insert(variable).second)
      warnings_.push_back({pointer + "/variable", "no stored user has \"" + variable + '"'});
  }

  void check_duplicates(const Node& node, const std::string& pointer) {
    std::map<std::string, std::string> first_places;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (node.children[i].logic != Logic::leaf) continue;
      const std::string place = pointer + "/conditions/" + std::to_string(i);
      const auto [first, is_new] =
          first_places.emplace(identity_of(*node.children[i].predicate, rollout_group_), place);
      if (!is_new) warnings_.push_back({place, "the same condition as " + first->second});
    }
  }

  std::string_view rollout_group_;
  const std::function<bool(std::string_view)>& has_users_;
  std::vector<Warning> warnings_;
  std::set<std::string> reported_;
};

}  // namespace

std::vector<Warning> lint(const Condition& condition,
                          const std::function<bool(std::string_view)>& has_users) {
  return Linter(condition.rollout_group(), has_users).run(condition.root());
}

}  // namespace callboard::conditions
