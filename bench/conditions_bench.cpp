// Condition matching: microseconds a user. Prints one JSON object a line, {"row","ours","unit",
// "target"}, each the median of five interleaved rounds; --check exits with 1 on a miss.

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "conditions/matcher.hpp"

namespace {

namespace json = boost::json;
using callboard::conditions::Condition;
using callboard::conditions::Matcher;
using callboard::conditions::Value;
using Random = std::mt19937;

constexpr std::size_t many_users = 1'000;
constexpr std::size_t variable_count = 20;  // four of each sort
constexpr int city_count = 60;
constexpr int rounds = 5;

int below(Random& random, int bound) {
  return static_cast<int>(random() % static_cast<unsigned>(bound));
}

std::string version_text(int number) {
  return std::to_string(1 + number / 400) + "." + std::to_string(number / 20 % 20) + "." +
         std::to_string(number % 20);
}

std::string city(int number) {
  return "city-" + std::to_string(number);
}

// What a user of an application has: every sort of value, one in twenty missing.
Value user_value(std::size_t variable, Random& random) {
  if (below(random, 20) == 0) return Value();
  switch (variable % 5) {
    case 0:
      return Value(below(random, 10'000) / 10.0);
    case 1:
      return Value(version_text(below(random, 2'000)));
    case 2:
      return Value(city(below(random, city_count)));
    case 3:
      return Value(below(random, 2) == 0);
    default:
      return Value(1'700'000'000 + below(random, 10'000'000));
  }
}

json::object leaf(std::size_t variable, const char* logic, json::value target, const char* type) {
  return {{"variable", "variable_" + std::to_string(variable)},
          {"logic", logic},
          {"target", std::move(target)},
          {"target_type", type}};
}

// A predicate that holds for a bit more than half of the users: four of them, one user in ten.
// A third of the thresholds are round and so shared, the others are nearly all distinct.
json::object predicate(Random& random) {
  const auto variable = static_cast<std::size_t>(below(random, static_cast<int>(variable_count)));
  const bool less = below(random, 2) == 0;
  const bool is_round = below(random, 3) == 0;
  const int share = 25 + below(random, 55);  // percent of values below or above the threshold
  const int threshold = (less ? share : 100 - share) * 100 + (is_round ? 0 : below(random, 100));
  switch (variable % 5) {
    case 0:
      return leaf(variable, less ? "<" : ">=", threshold / 10.0, "number");
    case 1:
      return leaf(variable, less ? "<" : ">=", json::value(version_text(threshold / 5)), "version");
    case 2: {
      if (below(random, 2) == 0)
        return leaf(variable, "!=", json::value(city(below(random, city_count))), "string");
      json::array cities;
      for (int i = 0; i < 45; ++i) cities.push_back(json::value(city(below(random, city_count))));
      return leaf(variable, "in", std::move(cities), "string");
    }
    case 3:
      return leaf(variable, below(random, 4) == 0 ? "==" : "!=", less, "boolean");
    default:
      return leaf(variable, less ? "before" : "after", 1'700'000'000 + threshold * 1'000,
                  "datetime");
  }
}

// Most bulletins are conjunctions; one in ten has an alternative inside.
json::value bulletin_condition(Random& random) {
  json::array parts;
  for (int i = 0; i < 4; ++i) parts.push_back(predicate(random));
  if (below(random, 10) == 0) {
    json::object either{{"logic", "||"}, {"conditions", {parts[2], parts[3]}}};
    parts.resize(2);
    parts.push_back(std::move(either));
  }
  return json::object{{"logic", "&&"}, {"conditions", std::move(parts)}};
}

struct Workload {
  std::string row;
  const char* unit;
  double target;
  Matcher matcher;
  std::vector<std::vector<Value>> users;  // by slot
  std::vector<std::vector<const Value*>> slots;
  std::size_t calls_a_round;
  double build_ms;
  std::vector<double> rounds_ns;
  std::size_t matches = 0;
  std::size_t calls = 0;
};

// This thread's own time, which other programs on the machine do not lengthen.
double thread_ns() {
  std::timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

Workload workload(std::string row, const char* unit, double target, std::size_t calls_a_round,
                  const std::vector<json::value>& written, std::size_t user_count,
                  const std::function<Value(const std::string&, Random&)>& value_of) {
  const double start_ns = thread_ns();
  std::vector<Condition> conditions;
  for (const json::value& one : written) conditions.push_back(*callboard::conditions::parse(one));
  Matcher matcher(conditions);
  const double build_ms = (thread_ns() - start_ns) / 1e6;
  Workload made{std::move(row), unit,     target, std::move(matcher), {}, {},
                calls_a_round,  build_ms, {}};
  Random random(7);
  for (std::size_t i = 0; i < user_count; ++i) {
    auto& values = made.users.emplace_back();
    for (const std::string& name : made.matcher.variables())
      values.push_back(value_of(name, random));
  }
  for (const auto& values : made.users) {
    auto& pointers = made.slots.emplace_back();
    for (const Value& value : values) pointers.push_back(&value);
  }
  return made;
}

Workload bulletins(std::size_t count, double target_us, std::size_t calls_a_round) {
  Random random(static_cast<unsigned>(count));
  std::vector<json::value> conditions;
  for (std::size_t i = 0; i < count; ++i) conditions.push_back(bulletin_condition(random));
  return workload("condition matching, " + std::to_string(count) + " bulletins, us a user", "us",
                  target_us, calls_a_round, conditions, many_users,
                  [](const std::string& name, Random& values) {
                    return user_value(std::stoul(name.substr(name.find('_') + 1)), values);
                  });
}

json::value age_and_version(int age, const std::string& version) {
  return json::object{
      {"logic", "&&"},
      {"conditions",
       {{{"variable", "age"}, {"logic", "<"}, {"target", age}, {"target_type", "number"}},
        {{"variable", "app_version"},
         {"logic", ">="},
         {"target", json::value(version)},
         {"target_type", "version"}}}}};
}

// The seed's own example, as other engines' benchmarks have it.
Workload rules(std::size_t count, const char* row, const char* unit, double target,
               std::size_t calls_a_round, std::size_t user_count) {
  std::vector<json::value> conditions;
  for (int i = 0; i < static_cast<int>(count); ++i)
    conditions.push_back(age_and_version(10 - i % 9, version_text(100 + i * 17 % 1'800)));
  return workload(row, unit, target, calls_a_round, conditions, user_count,
                  [user_count](const std::string& name, Random& values) {
                    // A single user is one for whom the whole expression has to be looked at.
                    if (user_count == 1) return name == "age" ? Value(7) : Value("1.10.0");
                    return name == "age" ? Value(below(values, 20))
                                         : Value(version_text(below(values, 2'000)));
                  });
}

// The users in turn, so that no user's values are warm from the call before.
void run_round(Workload& work) {
  Matcher::Scratch scratch;
  std::vector<std::uint32_t> matched;
  work.matcher.match(work.slots[0], scratch, matched);
  const double start_ns = thread_ns();
  std::size_t user = 0;
  for (std::size_t i = 0; i < work.calls_a_round; ++i) {
    work.matcher.match(work.slots[user], scratch, matched);
    work.matches += matched.size();
    if (++user == work.slots.size()) user = 0;
  }
  const double spent_ns = thread_ns() - start_ns;
  work.calls += work.calls_a_round;
  work.rounds_ns.push_back(spent_ns / static_cast<double>(work.calls_a_round));
}

double median(Workload& work) {
  std::ranges::sort(work.rounds_ns);
  const double median_ns = work.rounds_ns[work.rounds_ns.size() / 2];
  return std::strcmp(work.unit, "ns") == 0 ? median_ns : median_ns / 1'000;
}

// Prints the row; true if it meets its target.
bool report(Workload& work) {
  const double ours = median(work);
  const double matching = 100.0 * static_cast<double>(work.matches) /
                          static_cast<double>(work.calls * work.matcher.size());
  std::printf(
      "{\"row\": \"%s\", \"ours\": %.3f, \"unit\": \"%s\", \"target\": %g, "
      "\"matching_percent\": %.1f, \"build_ms\": %.1f}\n",
      work.row.c_str(), ours, work.unit, work.target, matching, work.build_ms);
  return ours <= work.target;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Workload> work;
  work.push_back(bulletins(100, 2, 40'000));
  work.push_back(bulletins(1'000, 10, 20'000));
  work.push_back(bulletins(10'000, 60, 5'000));
  work.push_back(rules(1, "one two-leaf expression, ns", "ns", 25, 1'000'000, 1));
  work.push_back(rules(1, "one two-leaf expression, 1,000 users in turn, ns", "ns", 45, 1'000'000,
                       many_users));
  work.push_back(
      rules(100, "100 rules age < n && app_version >= v, us", "us", 1.5, 100'000, many_users));
  for (int round = 0; round < rounds; ++round) {
    for (Workload& one : work) run_round(one);
  }
  bool is_met = true;
  for (Workload& one : work) is_met &= report(one);
  const bool is_check = argc > 1 && std::string_view(argv[1]) == "--check";
  return is_check && !is_met ? 1 : 0;
}
