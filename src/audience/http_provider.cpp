#include "audience/http_provider.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "audience/attributes.hpp"
#include "audience/circuit_breaker.hpp"
#include "audience/user_store.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/log.hpp"
#include "cache/cache.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

std::string body_for(const ProviderSettings& provider, std::string_view user_id) {
  json::array names;
  for (const Variable& variable : provider.variables) names.emplace_back(variable.name);
  return json::serialize(json::object{{"user_id", user_id}, {"names", std::move(names)}});
}

// Those of {"variables":{...}} that the provider declares; its reply may have others. Throws
// Error{invalid}.
Attributes variables_in(const std::string& reply, const ProviderSettings& provider) {
  const json::value body = parse_json(reply);
  JsonReader reader(body);
  const json::value* given = reader.require("variables");
  reader.finish();
  json::object declared;
  if (!given->is_object()) throw invalid_at("/variables", "must be an object");
  for (const Variable& variable : provider.variables) {
    const json::value* value = given->get_object().if_contains(variable.name);
    if (value != nullptr) declared[variable.name] = *value;
  }
  return attributes_from_json(checked_attributes(declared, "/variables"));
}

bool supplies(const ProviderSettings& provider, std::string_view name) {
  return std::ranges::find(provider.variables, name, &Variable::name) != provider.variables.end();
}

// The name of a user's answer among those of an application. A user id has no slash.
std::string cache_name(const ProviderSettings& provider, std::string_view user_id) {
  return provider.name + "/" + std::string(user_id);
}

// Shared with the subscription to the database, which may outlive the provider.
struct Memory {
  Memory(std::size_t bytes, const Clock& clock, Metrics& metrics)
      : answers({.name = "http_providers", .max_bytes = bytes, .lifetime = {}}, clock, metrics) {}

  std::shared_ptr<CircuitBreaker> breaker(std::string_view app_id, const std::string& provider) {
    const std::lock_guard lock(mutex);
    auto& breaker = breakers[{std::string(app_id), provider}];
    if (!breaker) breaker = std::make_shared<CircuitBreaker>();
    return breaker;
  }

  // Settings that changed may have mended what was wrong.
  void forget_app(const std::string& app_id) {
    answers.erase_scope(app_id);
    const std::lock_guard lock(mutex);
    std::erase_if(breakers, [&](const auto& entry) { return entry.first.first == app_id; });
  }
  void forget_all() {
    answers.clear();
    const std::lock_guard lock(mutex);
    breakers.clear();
  }

  cache::Cache<Attributes> answers;
  std::mutex mutex;
  // By application and name; guarded by mutex.
  std::map<std::pair<std::string, std::string>, std::shared_ptr<CircuitBreaker>> breakers;
};

std::size_t bytes_of(const Attributes& attributes, const std::string& reply) {
  return sizeof attributes + attributes.size() * sizeof(Attribute) + reply.size();
}

class HttpProvider final : public DataProvider {
 public:
  HttpProvider(db::Database& database, const Applications& applications,
               const http::OutgoingClient& client, const SecretBox& secrets, const Clock& clock,
               Metrics& metrics, std::size_t cache_bytes)
      : applications_(applications),
        client_(client),
        secrets_(secrets),
        clock_(clock),
        metrics_(metrics),
        memory_(std::make_shared<Memory>(cache_bytes, clock, metrics)) {
    database.on_change([memory = memory_](const db::Change& change) {
      if (change.kind.empty()) memory->forget_all();
      if (change.kind == "app" || change.kind == erasure_change) memory->forget_app(change.app_id);
    });
  }

  std::string_view name() const override { return "http"; }

  std::vector<Variable> variables(std::string_view app_id) const override {
    std::vector<Variable> all;
    const auto application = applications_.get(app_id);
    if (application == nullptr) return all;
    for (const ProviderSettings& provider : application->settings.providers) {
      all.insert(all.end(), provider.variables.begin(), provider.variables.end());
    }
    return all;
  }

  bool fill(const Subject& subject, std::span<const Wanted> wanted,
            Scratch& scratch) const override {
    const auto application = applications_.from_memory(subject.app_id);
    if (!application) return false;
    return fill_from(*application, subject, wanted, scratch, [&](const ProviderSettings& provider) {
      const std::string name = cache_name(provider, subject.user->user_id());
      return memory_->answers.find({subject.app_id, name});
    });
  }

  void fill_blocking(const Subject& subject, std::span<const Wanted> wanted,
                     Scratch& scratch) const override {
    fill_from(applications_.get(subject.app_id), subject, wanted, scratch,
              [&](const ProviderSettings& provider) {
                return load(subject.app_id, provider, subject.user->user_id());
              });
  }

 private:
  using Answers = cache::Cache<Attributes>;
  using Answer = std::shared_ptr<const Attributes>;

  // False where `answer_of` a provider has none.
  static bool fill_from(const std::shared_ptr<const Application>& application,
                        const Subject& subject, std::span<const Wanted> wanted, Scratch& scratch,
                        const std::function<Answer(const ProviderSettings&)>& answer_of) {
    // Somebody made up for a preview is known nowhere.
    if (application == nullptr || subject.user->user_id().empty()) return true;
    for (const ProviderSettings& provider : application->settings.providers) {
      const auto is_wanted = [&](const Wanted& want) { return supplies(provider, want.name); };
      if (std::ranges::none_of(wanted, is_wanted)) continue;
      const Answer answer = answer_of(provider);
      if (answer == nullptr) return false;
      for (const Wanted& want : wanted) {
        const conditions::Value* value = find_attribute(*answer, want.name);
        if (value != nullptr) scratch.set(want.slot, value);
      }
      scratch.keep(answer);
    }
    return true;
  }

  Answer load(std::string_view app_id, const ProviderSettings& provider,
              const std::string& user_id) const {
    return memory_->answers.load({app_id, cache_name(provider, user_id)},
                                 [&] { return ask(app_id, provider, user_id); });
  }

  Answers::Loaded ask(std::string_view app_id, const ProviderSettings& provider,
                      const std::string& user_id) const {
    const auto breaker = memory_->breaker(app_id, provider.name);
    const auto nothing = std::make_shared<const Attributes>();
    if (const auto barred = breaker->barred_for(clock_.monotonic())) {
      count(app_id, "circuit_open");
      return {nothing, sizeof *nothing, *barred};
    }
    const http::OutgoingReply reply = call(app_id, provider, user_id);
    auto [answer, outcome] = judge(reply, provider);
    count(app_id, outcome);
    if (answer != nullptr) {
      breaker->succeeded();
      const std::size_t bytes = bytes_of(*answer, reply.body);
      return {std::move(answer), bytes, provider.ttl};
    }
    if (breaker->failed(clock_.monotonic())) {
      log::warning("http_provider_fails",
                   {{"app", app_id}, {"provider", provider.name}, {"outcome", outcome}});
    }
    return {nothing, sizeof *nothing, std::min<std::chrono::seconds>(failure_life, provider.ttl)};
  }

  http::OutgoingReply call(std::string_view app_id, const ProviderSettings& provider,
                           const std::string& user_id) const {
    http::OutgoingRequest request{
        .method = http::Method::post,
        .url = provider.url,
        .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
        .body = body_for(provider, user_id),
        .timeout = provider.timeout};
    if (!provider.header_name.empty()) {
      request.headers.emplace_back(provider.header_name,
                                   secrets_.open(provider_secret_context(app_id, provider.name),
                                                 provider.sealed_header_value));
    }
    return client_.send(request);
  }

  // Null: it failed.
  static std::pair<Answer, std::string_view> judge(const http::OutgoingReply& reply,
                                                   const ProviderSettings& provider) {
    if (reply.outcome != http::OutgoingOutcome::answered) {
      return {nullptr, http::name_of(reply.outcome)};
    }
    if (reply.status == 404) return {std::make_shared<const Attributes>(), "unknown_user"};
    if (reply.status != 200) return {nullptr, "bad_status"};
    try {
      return {std::make_shared<const Attributes>(variables_in(reply.body, provider)), "answered"};
    } catch (const Error&) {
      return {nullptr, "bad_reply"};
    }
  }

  void count(std::string_view app_id, std::string_view outcome) const {
    metrics_
        .counter("callboard_http_provider_calls_total",
                 "Questions to applications' own servers, by what came of them.",
                 {{"app", std::string(app_id)}, {"outcome", std::string(outcome)}})
        .add();
  }

  const Applications& applications_;
  const http::OutgoingClient& client_;
  const SecretBox secrets_;
  const Clock& clock_;
  Metrics& metrics_;
  const std::shared_ptr<Memory> memory_;
};

}  // namespace

std::unique_ptr<DataProvider> http_provider(db::Database& database,
                                            const Applications& applications,
                                            const http::OutgoingClient& client,
                                            const SecretBox& secrets, const Clock& clock,
                                            Metrics& metrics, std::size_t cache_bytes) {
  return std::make_unique<HttpProvider>(database, applications, client, secrets, clock, metrics,
                                        cache_bytes);
}

}  // namespace callboard::audience
