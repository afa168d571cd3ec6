#include "audience/data_providers.hpp"

#include <algorithm>
#include <utility>

#include "audience/builtin_providers.hpp"

namespace callboard::audience {
namespace {

// What came with the request wins over what the providers said.
void apply_overrides(std::span<const std::string> names, const Subject& subject, Scratch& scratch) {
  for (const Attribute& override : subject.overrides) {
    const auto found = std::ranges::find(names, override.name);
    if (found == names.end()) continue;
    scratch.set(static_cast<std::size_t>(found - names.begin()), &override.value);
  }
}

}  // namespace

void Scratch::start(std::size_t slots) {
  values_.assign(slots, nullptr);
  if (own_.size() < slots) own_.resize(slots);
  kept_.clear();
}

void Scratch::set_text(std::size_t slot, std::string_view text) {
  own_[slot].assign(text);
  values_[slot] = &own_[slot];
}

void Scratch::set_number(std::size_t slot, double number) {
  own_[slot] = conditions::Value(number);
  values_[slot] = &own_[slot];
}

DataProviders::DataProviders(const Applications& applications)
    : applications_(applications), stored_attributes_(attributes_provider(applications)) {
  add(user_provider());
  add(request_provider());
  add(clock_provider());
}

void DataProviders::add(std::unique_ptr<DataProvider> provider) {
  providers_.push_back(std::move(provider));
}

std::vector<DataProviders::Declared> DataProviders::declared(std::string_view app_id) const {
  std::vector<Declared> result;
  const auto collect = [&](const DataProvider& provider) {
    std::vector<Variable> variables = provider.variables(app_id);
    for (std::size_t i = 0; i < variables.size(); ++i) {
      const auto same = [&](const Declared& d) { return d.variable.name == variables[i].name; };
      if (std::ranges::any_of(result, same)) continue;
      result.push_back({std::move(variables[i]), &provider, i});
    }
  };
  for (const auto& provider : providers_) collect(*provider);
  collect(*stored_attributes_);
  return result;
}

bool DataProviders::is_declared(std::string_view app_id, std::string_view name) const {
  const auto application = applications_.require(app_id);
  if (application->settings.undeclared_attributes && is_attribute_name(name)) return true;
  const auto all = declared(app_id);
  return std::ranges::any_of(all, [&](const Declared& d) { return d.variable.name == name; });
}

Binding DataProviders::bind(std::string_view app_id, std::span<const std::string> names) const {
  const auto all = declared(app_id);
  Binding binding;
  for (const std::string& name : names) {
    const auto found =
        std::ranges::find_if(all, [&](const Declared& d) { return d.variable.name == name; });
    if (found == all.end())
      binding.add(*stored_attributes_, name, 0);
    else
      binding.add(*found->provider, name, found->place);
  }
  return binding;
}

void Binding::add(const DataProvider& provider, std::string_view name, std::size_t variable) {
  auto group = std::ranges::find(groups_, &provider, &Group::provider);
  if (group == groups_.end()) group = groups_.insert(group, {&provider, {}});
  group->wanted.push_back({std::string(name), variable, providers_.size()});
  providers_.push_back(&provider);
  names_.emplace_back(name);
}

std::optional<std::size_t> Binding::slot_of(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names_.begin());
}

bool Binding::follows_subject() const {
  return std::ranges::all_of(groups_, [](const Group& g) { return g.provider->follows_subject(); });
}

bool DataProviders::fill(const Binding& binding, const Subject& subject, Scratch& scratch) const {
  scratch.start(binding.size());
  for (const auto& group : binding.groups_) {
    if (!group.provider->fill(subject, group.wanted, scratch)) return false;
  }
  apply_overrides(binding.names_, subject, scratch);
  return true;
}

void DataProviders::fill_blocking(const Binding& binding, const Subject& subject,
                                  Scratch& scratch) const {
  scratch.start(binding.size());
  for (const auto& group : binding.groups_) {
    group.provider->fill_blocking(subject, group.wanted, scratch);
  }
  apply_overrides(binding.names_, subject, scratch);
}

std::string_view DataProviders::source_of(const Binding& binding, std::size_t slot,
                                          const Subject& subject) const {
  const auto given = std::ranges::find(subject.overrides, binding.names_[slot], &Attribute::name);
  return given == subject.overrides.end() ? binding.provider_of(slot) : "given";
}

}  // namespace callboard::audience
