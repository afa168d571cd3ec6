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

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audience/applications.hpp"
#include "audience/user.hpp"
#include "base/clock.hpp"
#include "conditions/value.hpp"
#include "http/request.hpp"

namespace callboard::audience {

struct Variable {
  std::string name;
  std::string type;  // "string", "number", "boolean", "version", "datetime", "list", "any"
  std::string description;
};

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
  // A value of the slot's own, to be assigned by the caller; it holds what an earlier request left.
  conditions::Value& own(std::size_t slot);
  void set_text(std::size_t slot, std::string_view text);
  // What set() pointed into lives until the next fill.
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
  std::size_t size() const { return providers_.size(); }
  // The name of the slot's provider.
  std::string_view provider_of(std::size_t slot) const { return providers_[slot]->name(); }

 private:
  friend class DataProviders;
  struct Group {
    const DataProvider* provider;
    std::vector<DataProvider::Wanted> wanted;
  };
  std::vector<Group> groups_;
  std::vector<const DataProvider*> providers_;  // by slot
  std::vector<std::string> names_;              // by slot
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
  // For explanations: where the slot's value comes from, "given" for an override.
  std::string_view source_of(const Binding& binding, std::size_t slot,
                             const Subject& subject) const;

  // Whether a condition of that app may name it. May block.
  bool is_declared(std::string_view app_id, std::string_view name) const;

  struct Listed {
    Variable variable;
    std::string_view provider;
  };
  // Each name once. May block.
  std::vector<Listed> list(std::string_view app_id) const;

 private:
  const Applications& applications_;
  std::vector<std::unique_ptr<DataProvider>> providers_;
  std::unique_ptr<DataProvider> stored_attributes_;
};

}  // namespace callboard::audience
