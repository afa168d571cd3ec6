#include "line/sandbox/faults.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "base/error.hpp"
#include "base/json_reader.hpp"

namespace callboard::line::sandbox {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 14> names = {"ok",
                                                    "slow",
                                                    "truncate",
                                                    "drop",
                                                    "accept_drop",
                                                    "500",
                                                    "accept_500",
                                                    "timeout",
                                                    "accept_timeout",
                                                    "429_rate",
                                                    "429_monthly",
                                                    "409",
                                                    "409_without_header",
                                                    "400"};
constexpr std::array<std::string_view, 14> endpoints = {
    "any",    "push",     "multicast", "validate", "quota",         "profile",    "token",
    "verify", "userinfo", "revoke",    "certs",    "channel_token", "friendship", "login_profile"};

void check(const Fault& fault) {
  if (std::ranges::find(endpoints, fault.endpoint) == endpoints.end()) {
    throw invalid_at("/endpoint", "there is no endpoint " + fault.endpoint);
  }
  if (fault.rate && !(*fault.rate >= 0 && *fault.rate <= 1)) {
    throw invalid_at("/rate", "must be from 0 to 1");
  }
}

FaultKind kind_of(std::string_view name) {
  const auto kind = fault_named(name);
  if (!kind) throw invalid_at("/kind", "there is no fault " + std::string(name));
  return *kind;
}

double number_in(std::string_view text) {
  double number = -1;
  const char* end = text.data() + text.size();
  const auto [read, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || read != end) throw invalid_at("/rate", "must be a number");
  return number;
}

std::optional<double> rate_of(const json::value* given) {
  if (given == nullptr) return std::nullopt;
  if (!given->is_number()) throw invalid_at("/rate", "must be a number");
  return given->to_number<double>();
}

Fault fault_of(const json::value& value, const std::string& pointer) {
  JsonReader reader(value, pointer);
  Fault fault;
  fault.kind = kind_of(reader.string("kind").value_or(""));
  fault.endpoint = reader.string("endpoint").value_or("any");
  fault.rate = rate_of(reader.find("rate"));
  const auto delay = reader.integer("delay_ms", 0, Fault::longest_delay.count());
  if (delay) fault.ordered_delay = std::chrono::milliseconds{*delay};
  reader.finish();
  check(fault);
  return fault;
}

bool is_for(const Fault& fault, std::string_view endpoint) {
  return fault.endpoint == "any" || fault.endpoint == endpoint;
}

}  // namespace

std::string_view name_of(FaultKind kind) {
  return names[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> fault_named(std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<FaultKind>(found - names.begin());
}

std::chrono::milliseconds Fault::delay() const {
  constexpr std::chrono::seconds slow_by{1}, hangs_for{60};
  return ordered_delay.value_or(kind == FaultKind::slow ? slow_by : hangs_for);
}

Fault fault_of_text(std::string_view text) {
  const std::size_t first = text.find(':');
  Fault fault;
  fault.kind = kind_of(text.substr(0, first));
  if (first != text.npos) {
    const std::string_view rest = text.substr(first + 1);
    const std::size_t second = rest.find(':');
    fault.endpoint = rest.substr(0, second);
    if (second != rest.npos) fault.rate = number_in(rest.substr(second + 1));
  }
  check(fault);
  return fault;
}

FaultPlan fault_plan_of(const json::value& body) {
  JsonReader reader(body);
  FaultPlan plan;
  const auto seed = reader.integer("seed", 0, INT64_MAX);
  if (seed) plan.seed = static_cast<std::uint64_t>(*seed);
  if (const json::value* faults = reader.require("faults")) {
    read_elements(*faults, "/faults", Faults::max_faults,
                  [&](const json::value& each, const std::string& pointer) {
                    plan.faults.push_back(fault_of(each, pointer));
                  });
  }
  reader.finish();
  return plan;
}

Faults::Faults(std::vector<Fault> faults, std::uint64_t seed)
    : faults_(std::move(faults)), random_(seed) {}

void Faults::replace(FaultPlan plan) {
  const std::lock_guard lock(mutex_);
  faults_ = std::move(plan.faults);
  if (plan.seed) random_.seed(*plan.seed);
}

Fault Faults::next(std::string_view endpoint) {
  const std::lock_guard lock(mutex_);
  const auto step = std::ranges::find_if(
      faults_, [&](const Fault& fault) { return !fault.rate && is_for(fault, endpoint); });
  if (step != faults_.end()) {
    Fault fault = std::move(*step);
    faults_.erase(step);
    return fault;
  }
  // One number a rate, so that what befalls a call depends on the seed and on its place alone.
  std::optional<Fault> befallen;
  for (const Fault& fault : faults_) {
    if (!fault.rate || !is_for(fault, endpoint)) continue;
    const double drawn = std::uniform_real_distribution<double>(0, 1)(random_);
    if (!befallen && drawn < *fault.rate) befallen = fault;
  }
  return befallen.value_or(Fault{});
}

json::value Faults::shown() const {
  const std::lock_guard lock(mutex_);
  json::array all;
  for (const Fault& fault : faults_) {
    json::object each{{"kind", name_of(fault.kind)}, {"endpoint", fault.endpoint}};
    if (fault.ordered_delay) each["delay_ms"] = fault.ordered_delay->count();
    if (fault.rate) each["rate"] = *fault.rate;
    all.push_back(std::move(each));
  }
  return json::object{{"faults", std::move(all)}};
}

}  // namespace callboard::line::sandbox
