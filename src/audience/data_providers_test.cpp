#include "audience/data_providers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "audience/application_store.hpp"
#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::audience {
namespace {

using conditions::Value;
using testing::Contains;
using testing::ElementsAre;

// Keeps what it loaded, as a provider that asks another server does.
class LoadingProvider final : public DataProvider {
 public:
  explicit LoadingProvider(std::vector<Variable> variables) : variables_(std::move(variables)) {}

  std::string_view name() const override { return "loading"; }
  std::vector<Variable> variables(std::string_view) const override { return variables_; }
  bool fill(const Subject& subject, std::span<const Wanted> wanted,
            Scratch& scratch) const override {
    ++asked;
    const auto known = loaded.find(subject.user->user_id());
    if (known == loaded.end()) return false;
    for (const Wanted& want : wanted) {
      if (variables_[want.variable].name == want.name) scratch.set(want.slot, known->second.get());
    }
    scratch.keep(known->second);
    return true;
  }
  void fill_blocking(const Subject& subject, std::span<const Wanted> wanted,
                     Scratch& scratch) const override {
    if (!reachable) return;
    loaded[subject.user->user_id()] = std::make_shared<Value>("gold");
    fill(subject, wanted, scratch);
  }

  mutable int asked = 0;
  mutable std::map<std::string, std::shared_ptr<Value>> loaded;
  bool reachable = true;

 private:
  std::vector<Variable> variables_;
};

class DataProvidersTest : public StoreTest {
 protected:
  void SetUp() override {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
      AppSettings strict;
      strict.undeclared_attributes = false;
      strict.server_only_attributes = {"vip"};
      create_application(transaction, {"open", "ws", {}, clock().now(), clock().now()});
      create_application(transaction, {"strict", "ws", strict, clock().now(), clock().now()});
    });
    request_.headers = headers_;
    subject_.app_id = "open";
    subject_.user = std::make_shared<const User>(
        "ann", 1, timestamp_from_ms(2'000),
        boost::json::object{{"age", 9}, {"city", "Tainan"}, {"tier", "stored"}});
    subject_.request = &request_;
    subject_.now = timestamp_from_ms(5'500);
  }

  // The value of each name, missing where there is none; fails the test where it must load.
  std::vector<Value> values(std::vector<std::string> names) {
    const Binding binding = providers_.bind("open", names);
    EXPECT_TRUE(providers_.fill(binding, subject_, scratch_));
    return copied();
  }
  std::vector<Value> copied() const {
    std::vector<Value> copies;
    for (const Value* value : scratch_.values()) copies.push_back(value ? *value : Value());
    return copies;
  }
  LoadingProvider& add_loading(std::string variable) {
    auto provider =
        std::make_unique<LoadingProvider>(std::vector<Variable>{{variable, "string", "How loyal"}});
    LoadingProvider& added = *provider;
    providers_.add(std::move(provider));
    return added;
  }

  std::vector<http::Header> headers_ = {{"x-app-version", "1.2.3"},
                                        {"X-Device-Info", "ios"},
                                        {"Accept-Language", "zh-TW,zh;q=0.9, en;q=0.8"},
                                        {"X-Timezone", "Asia/Taipei"}};
  http::Request request_;
  Subject subject_;
  Scratch scratch_;
  Applications applications_{database(), clock(), metrics()};
  DataProviders providers_{applications_};
};

TEST_P(DataProvidersTest, SuppliesWhatIsBuiltIn) {
  EXPECT_THAT(values({"user_id", "registered_at", "app_version", "device_info", "language",
                      "timezone", "now", "age", "city", "nothing"}),
              ElementsAre(Value("ann"), Value(2.0), Value("1.2.3"), Value("ios"), Value("zh-TW"),
                          Value("Asia/Taipei"), Value(5.5), Value(9), Value("Tainan"), Value()));
}

TEST_P(DataProvidersTest, LeavesMissingWhatTheRequestDoesNotTell) {
  subject_.request = nullptr;
  EXPECT_THAT(values({"app_version", "language"}), ElementsAre(Value(), Value()));
  subject_.request = &request_;
  headers_ = {{"Accept-Language", "*"}, {"X-App-Version", ""}};
  request_.headers = headers_;
  EXPECT_THAT(values({"language", "app_version", "timezone"}),
              ElementsAre(Value(), Value(), Value()));
}

TEST_P(DataProvidersTest, KeepsNothingOfTheRequestBefore) {
  values({"app_version", "age"});
  request_.headers = {};
  subject_.user = std::make_shared<const User>("bob");
  EXPECT_THAT(values({"app_version", "age"}), ElementsAre(Value(), Value()));
  EXPECT_THAT(values({"registered_at"}), ElementsAre(Value()));
}

TEST_P(DataProvidersTest, PrefersWhatIsGivenWithTheRequest) {
  const Attributes given = {{"age", Value("10")}, {"app_version", Value("9.9")}, {"x", Value(1)}};
  subject_.overrides = given;
  const std::vector<std::string> names = {"app_version", "age", "city"};
  EXPECT_THAT(values(names), ElementsAre(Value("9.9"), Value("10"), Value("Tainan")));
  const Binding binding = providers_.bind("open", names);
  EXPECT_EQ(providers_.source_of(binding, 0, subject_), "given");
  EXPECT_EQ(providers_.source_of(binding, 2, subject_), "attributes");
  EXPECT_EQ(binding.provider_of(0), "request");
  EXPECT_EQ(binding.slot_of("city"), 2u);
  EXPECT_EQ(binding.slot_of("x"), std::nullopt);
}

TEST_P(DataProvidersTest, PrefersAProviderToAStoredAttribute) {
  EXPECT_THAT(values({"tier"}), ElementsAre(Value("stored")));
  LoadingProvider& loading = add_loading("tier");
  loading.loaded["ann"] = std::make_shared<Value>("gold");
  EXPECT_THAT(values({"tier"}), ElementsAre(Value("gold")));
}

TEST_P(DataProvidersTest, AsksTheProviderThatWasAddedFirst) {
  add_loading("user_id");
  EXPECT_THAT(values({"user_id"}), ElementsAre(Value("ann")));
}

TEST_P(DataProvidersTest, LoadsOnTheWorkPathWhatIsNotInMemory) {
  LoadingProvider& loading = add_loading("tier");
  const std::vector<std::string> names = {"tier", "age"};
  const Binding binding = providers_.bind("open", names);
  EXPECT_FALSE(providers_.fill(binding, subject_, scratch_));
  providers_.fill_blocking(binding, subject_, scratch_);
  EXPECT_THAT(copied(), ElementsAre(Value("gold"), Value(9)));
  loading.loaded["ann"] = std::make_shared<Value>("silver");  // the one in use is kept
  EXPECT_EQ(copied()[0], Value("gold"));
  EXPECT_TRUE(providers_.fill(binding, subject_, scratch_));
  EXPECT_EQ(copied()[0], Value("silver"));
}

TEST_P(DataProvidersTest, LeavesMissingWhatCannotBeReached) {
  add_loading("tier").reachable = false;
  const std::vector<std::string> names = {"tier", "age"};
  providers_.fill_blocking(providers_.bind("open", names), subject_, scratch_);
  EXPECT_THAT(copied(), ElementsAre(Value(), Value(9)));
}

TEST_P(DataProvidersTest, AsksOnlyForWhatIsUsed) {
  const LoadingProvider& loading = add_loading("tier");
  values({"age", "user_id"});
  EXPECT_EQ(loading.asked, 0);
}

TEST_P(DataProvidersTest, KnowsWhetherAnAnswerMayBeRemembered) {
  add_loading("tier");
  const std::vector<std::string> plain = {"age", "app_version", "now", "user_id"};
  const std::vector<std::string> loaded = {"age", "tier"};
  EXPECT_TRUE(providers_.bind("open", plain).follows_subject());
  EXPECT_FALSE(providers_.bind("open", loaded).follows_subject());
}

TEST_P(DataProvidersTest, DeclaresWhatConditionsMayName) {
  add_loading("tier");
  for (const auto* name : {"user_id", "now", "tier", "anything"}) {
    EXPECT_TRUE(providers_.is_declared("open", name)) << name;
  }
  EXPECT_FALSE(providers_.is_declared("open", "not a name"));
  for (const auto* name : {"user_id", "tier", "vip"}) {
    EXPECT_TRUE(providers_.is_declared("strict", name)) << name;
  }
  EXPECT_FALSE(providers_.is_declared("strict", "anything"));
  EXPECT_THROW(providers_.is_declared("none", "user_id"), Error);
}

TEST_P(DataProvidersTest, ReservesTheNamesOfWhatIsBuiltIn) {
  for (const auto& declared : providers_.declared("open")) {
    EXPECT_TRUE(is_reserved_name(declared.variable.name)) << declared.variable.name;
  }
}

TEST_P(DataProvidersTest, ListsEachNameOnce) {
  add_loading("vip");
  add_loading("vip");
  std::vector<std::string> names;
  for (const auto& declared : providers_.declared("strict")) {
    names.push_back(declared.variable.name + " by " + std::string(declared.provider->name()));
  }
  EXPECT_EQ(names.size(), 8u);
  EXPECT_THAT(names, Contains("vip by loading"));
  EXPECT_THAT(names, Contains("timezone by request"));
}

INSTANTIATE_STORE_TESTS(DataProvidersTest);

}  // namespace
}  // namespace callboard::audience
