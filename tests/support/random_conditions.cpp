#include "tests/support/random_conditions.hpp"

#include <array>
#include <boost/json.hpp>
#include <iterator>
#include <string_view>

namespace callboard::testing {
namespace {

namespace json = boost::json;

const char* const variable_names[] = {"a", "b", "c", "d", "now"};

const char* const types[] = {"string",  "string",  "number",   "number",  "boolean",
                             "version", "version", "datetime", "percent", "none"};

const char* const comparisons[] = {"==", "!=", "<", "<=", ">", ">=", "in", "not_in"};
const char* const text_operators[] = {
    "==", "!=", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with", "matches"};
const char* const instant_operators[] = {"<", "<=", ">", ">=", "before", "after"};
const char* const presence_operators[] = {"exists", "not_exists"};

const json::value texts[] = {"",  "a", "A", "ab", "AB", "b", "ba",   "é",
                             "É", "Ж", "ж", "ς",  "Σ",  "1", "true", "1.0.0"};
const json::value patterns[] = {"a", "^a", "b$", "^(a|é)b*$", ".", "\\d+", "[Жa]"};
const json::value numbers[] = {-1, 0, 1, 2, 2.5, 3, 10, 18, 1700000000, 1700000000.5, "1", "1e1"};
const json::value booleans[] = {true, false};
const json::value versions[] = {"1",
                                "1.0.0",
                                "v1.0",
                                "1.0.0-rc",
                                "1.0.0-rc.1",
                                "1.0.0-rc.2",
                                "1.0.0-1",
                                "1.2",
                                "1.10.0",
                                "1.2.0+b",
                                "2",
                                "1.0.0-rc-1",
                                "18446744073709551616.0.0",
                                "99999999999999999999999"};
const json::value instants[] = {1700000000,
                                1700000000.5,
                                "2023-11-14T22:13:20Z",
                                "2023-11-14T23:13:20.5+01:00",
                                "2023-11-14T22:13:20.500001Z",
                                "2016-12-31T23:59:60Z",
                                "2024-02-29T00:00:00-00:00"};
const json::value percents[] = {0, 0.01, 12.34, 50, 99.99, 100};
const json::value malformed[] = {"1.2.3.4",
                                 "01.2",
                                 "0x1",
                                 " 1",
                                 "NaN",
                                 "1.0.0-01",
                                 "2023-02-29T00:00:00Z",
                                 "2023-11-14T22:13:20",
                                 json::value(json::object()),
                                 1e300,
                                 -5e11};

}  // namespace

json::value RandomConditions::condition() {
  const std::size_t kind = choose_(24);
  if (kind == 0) return nullptr;
  if (kind == 1) return json::object{{"logic", ""}, {"conditions", json::array()}};
  json::value top = node(1);
  if (top.as_object().contains("conditions")) return top;
  return json::object{{"logic", "&&"}, {"conditions", {std::move(top)}}};
}

json::value RandomConditions::node(std::size_t depth) {
  const std::size_t kind = choose_(8);
  if (depth > 4 || (depth > 1 && kind < 5)) return leaf();
  if (kind == 7) return json::object{{"logic", "!"}, {"conditions", {node(depth + 1)}}};
  json::array children;
  for (std::size_t i = 1 + choose_(4); i > 0; --i) children.push_back(node(depth + 1));
  return json::object{{"logic", kind % 3 == 0 ? "||" : "&&"}, {"conditions", std::move(children)}};
}

json::object RandomConditions::leaf() {
  const std::string type = one_of(types);
  json::object leaf{{"variable", one_of(variable_names)}};
  const std::string op = type == "string"     ? one_of(text_operators)
                         : type == "number"   ? one_of(comparisons)
                         : type == "version"  ? one_of(comparisons)
                         : type == "boolean"  ? comparisons[choose_(2)]
                         : type == "datetime" ? one_of(instant_operators)
                         : type == "percent"  ? "rollout"
                                              : one_of(presence_operators);
  leaf["logic"] = op;
  if (type == "none") return leaf;
  leaf["target_type"] = type;
  leaf["target"] = target(type, op);
  if (type == "string" && choose_(2) == 0) leaf["ignore_case"] = choose_(4) != 0;
  if (type == "percent" && choose_(2) == 0) leaf["group"] = one_of(texts);
  return leaf;
}

json::value RandomConditions::target(const std::string& type, const std::string& op) {
  if (op == "matches") return one_of(patterns);
  const bool must_be_list = op == "in" || op == "not_in";
  const bool may_be_list = op == "contains" || op == "starts_with" || op == "ends_with";
  if (!must_be_list && !(may_be_list && choose_(2) == 0)) return constant(type);
  json::array list;
  for (std::size_t i = choose_(5); i > 0; --i) list.push_back(constant(type));
  return list;
}

json::value RandomConditions::constant(const std::string& type) {
  if (type == "string") return one_of(texts);
  if (type == "number") return one_of(numbers);
  if (type == "version") return one_of(versions);
  if (type == "boolean") return one_of(booleans);
  if (type == "datetime") return one_of(instants);
  return one_of(percents);
}

json::value RandomConditions::scalar() {
  switch (choose_(10)) {
    case 0:
      return nullptr;
    case 1:
      return one_of(malformed);
    case 2:
    case 3:
      return one_of(texts);
    case 4:
    case 5:
      return one_of(numbers);
    case 6:
      return one_of(booleans);
    case 7:
      return one_of(instants);
    default:
      return one_of(versions);
  }
}

json::object RandomConditions::variables() {
  json::object values;
  for (const char* name : variable_names) {
    const std::size_t kind = choose_(8);
    if (kind == 0) continue;
    if (kind != 1) {
      values[name] = scalar();
      continue;
    }
    json::array elements;
    for (std::size_t i = choose_(4); i > 0; --i) elements.push_back(scalar());
    values[name] = std::move(elements);
  }
  return values;
}

}  // namespace callboard::testing
