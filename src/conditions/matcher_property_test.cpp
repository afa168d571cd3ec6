// Everything that answers a condition agrees with the naive evaluator and with each other, over
// random condition sets and users. A failure prints its seed.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

#include "conditions/evaluate.hpp"
#include "conditions/explain.hpp"
#include "conditions/matcher.hpp"
#include "tests/support/naive_conditions.hpp"
#include "tests/support/random_conditions.hpp"

namespace callboard::conditions {
namespace {

namespace json = boost::json;
using testing::RandomConditions;

struct User {
  explicit User(json::object variables) : written(std::move(variables)) {
    for (const auto& member : written) values[member.key()] = value_from_json(member.value());
  }
  const Value* find(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
  }
  std::vector<const Value*> slots_for(const Matcher& matcher) const {
    std::vector<const Value*> slots;
    for (const std::string& name : matcher.variables()) slots.push_back(find(name));
    return slots;
  }

  json::object written;
  std::map<std::string, Value, std::less<>> values;
};

RandomConditions random_conditions(unsigned seed) {
  return RandomConditions(
      [engine = std::mt19937(seed)](std::size_t bound) mutable { return engine() % bound; });
}

void check_one_by_one(const json::value& written, const Condition& condition, const User& user,
                      bool expected) {
  const auto lookup = [&](std::string_view name) { return user.find(name); };
  EXPECT_EQ(evaluate(condition, lookup), expected) << written << " of " << user.written;
  const json::object explanation = explain(condition, lookup);
  EXPECT_EQ(explanation.at("result"), json::value(expected)) << written << explanation;
}

// One scratch for all seeds, as a server's thread would have it.
void check_set(unsigned seed, std::size_t size, std::size_t users, Matcher::Scratch& scratch) {
  auto random = random_conditions(seed);
  std::vector<json::value> written;
  std::vector<Condition> conditions;
  while (written.size() < size) {
    written.push_back(random.condition());
    const auto parsed = parse(written.back());
    ASSERT_TRUE(parsed) << written.back() << parsed.error().pointer << parsed.error().message;
    conditions.push_back(parsed->with_rollout_group(std::to_string(written.size())));
  }
  // Some sets get an index that is too small for them.
  const Matcher matcher(conditions, seed % 3 == 0 ? size : Matcher::default_max_spans);
  std::vector<std::uint32_t> matched;
  for (std::size_t i = 0; i < users; ++i) {
    const User user(random.variables());
    std::vector<std::uint32_t> expected;
    for (std::uint32_t id = 0; id < size; ++id) {
      const bool holds =
          testing::naively_matches(written[id], user.written, conditions[id].rollout_group());
      if (holds) expected.push_back(id);
      check_one_by_one(written[id], conditions[id], user, holds);
    }
    matcher.match(user.slots_for(matcher), scratch, matched);
    EXPECT_EQ(matched, expected) << user.written;
  }
}

TEST(MatcherProperty, SmallSetsAgreeWithTheNaiveEvaluator) {
  Matcher::Scratch scratch;
  for (unsigned seed = 1; seed <= 400 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    check_set(seed, seed % 12, 6, scratch);
  }
}

TEST(MatcherProperty, LargeSetsAgreeWithTheNaiveEvaluator) {
  Matcher::Scratch scratch;
  for (unsigned seed = 1001; seed <= 1003 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    check_set(seed, 1100, 4, scratch);
  }
}

}  // namespace
}  // namespace callboard::conditions
