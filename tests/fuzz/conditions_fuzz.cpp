// The condition language against a naive evaluator. The first byte chooses how the rest is read:
// 'j': {"conditions":[...],"variables":{...}} as JSON; 'e': lines for `condition eval`; anything
// else: choices that make valid conditions and users.

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include "base/error.hpp"
#include "base/json.hpp"
#include "conditions/command.hpp"
#include "conditions/evaluate.hpp"
#include "conditions/explain.hpp"
#include "conditions/lint.hpp"
#include "conditions/matcher.hpp"
#include "tests/support/naive_conditions.hpp"
#include "tests/support/random_conditions.hpp"

namespace {

namespace json = boost::json;
// Thousands of small inputs a second find more than hundreds of large ones: sets of many conditions
// are for matcher_property_test. Longer inputs are not kept.
constexpr std::size_t max_choices = 48;
constexpr std::size_t max_text = 800;

using namespace callboard;
using namespace callboard::conditions;

[[noreturn]] void fail(const char* what, const json::value& condition, const json::value& user) {
  std::fprintf(stderr, "%s: %s of %s\n", what, to_json_text(condition).c_str(),
               to_json_text(user).c_str());
  std::abort();
}

struct Set {
  std::vector<json::value> written;
  std::vector<Condition> conditions;

  // Keeps it if the parser accepts it. What concerns a single condition is asked of the first
  // only: it would be most of the time.
  void add(const json::value& condition) {
    const auto parsed = parse(condition);
    if (!parsed) return;
    conditions.push_back(parsed->with_rollout_group(std::to_string(written.size())));
    written.push_back(condition);
    if (written.size() == 1) check_rewriting();
  }

  void check_rewriting() const {
    lint(conditions.front());
    const json::object rewritten = condition_to_json(conditions.front());
    const auto again = parse(rewritten);
    if (!again || condition_to_json(*again) != rewritten)
      fail("rewriting changes it", written.front(), nullptr);
  }
};

// A number as a rollout's key is written by one function only; the naive evaluator knows the plain
// ones.
bool is_known_to_naive(const json::value& condition, bool is_plain) {
  return is_plain || to_json_text(condition).find("rollout") == std::string::npos;
}

void check(const Set& set, const Matcher& matcher, const json::object& user, bool is_plain) {
  std::map<std::string, Value, std::less<>> values;
  for (const auto& member : user) values[member.key()] = value_from_json(member.value());
  const auto lookup = [&](std::string_view name) -> const Value* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
  };
  std::vector<const Value*> slots;
  for (const std::string& name : matcher.variables()) slots.push_back(lookup(name));
  static Matcher::Scratch scratch;
  std::vector<std::uint32_t> matched;
  matcher.match(slots, scratch, matched);
  for (std::uint32_t id = 0; id < set.written.size(); ++id) {
    const json::value& written = set.written[id];
    const Condition& condition = set.conditions[id];
    const bool holds = std::ranges::binary_search(matched, id);
    if (evaluate(condition, lookup) != holds) fail("evaluate differs", written, user);
    if (id == 0 && explain(condition, lookup).at("result") != json::value(holds))
      fail("explain differs", written, user);
    if (is_known_to_naive(written, is_plain) &&
        testing::naively_matches(written, user, condition.rollout_group()) != holds)
      fail("the naive evaluator differs", written, user);
  }
}

void check_json(std::string_view text) {
  json::value input;
  try {
    input = parse_json(text, 100);
  } catch (const Error&) {
    return;
  }
  const auto* object = input.if_object();
  const auto* conditions = object != nullptr ? object->if_contains("conditions") : nullptr;
  const auto* variables = object != nullptr ? object->if_contains("variables") : nullptr;
  if (conditions == nullptr || !conditions->is_array()) return;
  Set set;
  for (const json::value& condition : conditions->get_array()) set.add(condition);
  const json::object user =
      variables != nullptr && variables->is_object() ? variables->get_object() : json::object();
  check(set, Matcher(set.conditions), user, false);
}

void check_lines(const std::string& text) {
  std::istringstream in(text);
  std::ostringstream out;
  run_eval(in, out, true);
  const std::string answers = out.str();
  const auto asked = std::ranges::count(text, '\n') + (text.empty() || text.back() == '\n' ? 0 : 1);
  if (std::ranges::count(answers, '\n') != asked)
    fail("lines are lost", json::value(text), json::value(answers));
  std::istringstream lines(answers);
  for (std::string line; std::getline(lines, line);) parse_json(line, 2'000);
}

void check_choices(std::string_view bytes) {
  std::size_t at = 0;
  testing::RandomConditions random([&](std::size_t bound) -> std::size_t {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at++]) % bound : 0;
  });
  Set set;
  do {
    const std::size_t before = set.written.size();
    const json::value condition = random.condition();
    set.add(condition);
    if (set.written.size() == before) fail("the parser refuses", condition, nullptr);
  } while (at < bytes.size() / 2);
  const Matcher matcher(set.conditions);
  do {
    check(set, matcher, random.variables(), true);
  } while (at < bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int not_to_be_kept = -1;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_text = *data == 'j' || *data == 'e';
  if (bytes.size() > (is_text ? max_text : max_choices)) return not_to_be_kept;
  if (*data == 'j')
    check_json(bytes);
  else if (*data == 'e')
    check_lines(std::string(bytes));
  else
    check_choices(bytes);
  return 0;
}
