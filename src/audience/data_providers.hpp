#pragma once

// Where the variables of conditions come from: one registry, filled once in app/. Each provider
// declares variables and supplies their values, from memory on the I/O thread where it can.
//
//   when a board is built:  binding = providers.bind(app_id, matcher.variables());
//   on the I/O thread:      if (!providers.fill(binding, subject, scratch)) go to the work path;
//   on the work path:       providers.fill_blocking(binding, subject, scratch);
//   either way:             matcher.match(scratch.values(), ...);
//
// A value given with the request (Subject::overrides) wins over every provider; of two providers
// that declare the same name the one added first is asked; a name that none declares is a stored
// attribute. Owned by app/. After the last add() any thread may use it; a Scratch belongs to one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audience/applications.hpp"
#include "audience/user.hpp"
#include "audience/variable.hpp"
#include "base/clock.hpp"
#include "conditions/value.hpp"
#include "http/request.hpp"

namespace callboard::audience {

// What a request tells about its sender. An answer that follows from the subject alone follows, of
// the request, from these headers and the overrides.
inline constexpr std::array<std::string_view, 4> context_headers = {
    "X-App-Version", "X-Device-Info", "Accept-Language", "X-Timezone"};

// Announced by whoever supplies a variable from its own tables: the values of the user `key`, where
// that is empty of all users of the application, are other ones now.
inline constexpr std::string_view provided_change = "provided";

// Whom the conditions are asked about, and what came with the question.
struct Subject {
  std::string_view app_id;
  std::shared_ptr<const User> user;           // never null
  const http::Request* request = nullptr;     // whose headers tell the context; null: none
  std::span<const Attribute> overrides = {};  // in any order; for this evaluation only
  Timestamp now;
};

// The values of a binding's variables, kept from request to request so that its memory is reused.
// A slot is the place of a variable's name in the list that was bound.
class Scratch {
 public:
  // By slot; null: missing. Valid until the next fill, and as long as the subject's overrides.
  std::span<const conditions::Value* const> values() const { return values_; }

  // For providers: how to answer for a slot.
  void set(std::size_t slot, const conditions::Value* value) { values_[slot] = value; }
  void set_text(std::size_t slot, std::string_view text);
  void set_number(std::size_t slot, double number);
  // What set() points into, to live until the next fill.
  void keep(std::shared_ptr<const void> owner) { kept_.push_back(std::move(owner)); }

  // For DataProviders: all missing.
  void start(std::size_t slots);

 private:
  std::vector<const conditions::Value*> values_;
  std::vector<conditions::Value> own_;
  std::vector<std::shared_ptr<const void>> kept_;
};

class DataProvider {
 public:
  // A variable that is wanted of a provider.
  struct Wanted {
    std::string name;
    std::size_t variable;  // its place in variables() when it was bound
    std::size_t slot;
  };

  virtual ~DataProvider() = default;
  virtual std::string_view name() const = 0;  // as explanations show it: "request"
  // Whether its values follow from the subject alone, so that what follows from them may be
  // remembered with the user.
  virtual bool follows_subject() const { return false; }
  // What it supplies to that app. May block.
  virtual std::vector<Variable> variables(std::string_view app_id) const = 0;
  // Sets the slots from memory and returns true, or returns false where it must load first. A slot
  // not set is missing. On the I/O thread: must not block.
  virtual bool fill(const Subject& subject, std::span<const Wanted> wanted,
                    Scratch& scratch) const = 0;
  // The same, loading what it needs. Whoever can fail to know (another server) leaves the slots
  // missing and counts it; a lost database is thrown.
  virtual void fill_blocking(const Subject& subject, std::span<const Wanted> wanted,
                             Scratch& scratch) const {
    fill(subject, wanted, scratch);
  }
};

// Which provider supplies which of a board's variables. Immutable; holds for the registry's life.
class Binding {
 public:
  std::size_t size() const { return names_.size(); }
  std::optional<std::size_t> slot_of(std::string_view name) const;
  // Whether that holds of all its providers.
  bool follows_subject() const;
  // The name of the slot's provider.
  std::string_view provider_of(std::size_t slot) const { return providers_[slot]->name(); }

 private:
  friend class DataProviders;
  struct Group {
    const DataProvider* provider;
    std::vector<DataProvider::Wanted> wanted;
  };
  void add(const DataProvider& provider, std::string_view name, std::size_t variable);

  std::vector<std::string> names_;              // by slot
  std::vector<const DataProvider*> providers_;  // by slot
  std::vector<Group> groups_;                   // the same by provider
};

class DataProviders {
 public:
  // With the providers that are built in: what a user is, what came with a request, the time.
  explicit DataProviders(const Applications& applications);

  void add(std::unique_ptr<DataProvider> provider);

  // May block, as DataProvider::variables().
  Binding bind(std::string_view app_id, std::span<const std::string> names) const;
  bool fill(const Binding& binding, const Subject& subject, Scratch& scratch) const;
  void fill_blocking(const Binding& binding, const Subject& subject, Scratch& scratch) const;
  // For explanations: who supplies the slot's value, "given" for an override.
  std::string_view source_of(const Binding& binding, std::size_t slot,
                             const Subject& subject) const;

  // Whether a condition of that app may name it. May block.
  bool is_declared(std::string_view app_id, std::string_view name) const;

  struct Declared {
    Variable variable;
    const DataProvider* provider;
    std::size_t place;  // in the provider's variables()
  };
  // Each name once, under the provider that is asked for it. May block.
  std::vector<Declared> declared(std::string_view app_id) const;

 private:
  const Applications& applications_;
  std::vector<std::unique_ptr<DataProvider>> providers_;
  std::unique_ptr<DataProvider> stored_attributes_;
};

}  // namespace callboard::audience
