#include "audience/provider_settings.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

const SealSecret seal = [](std::string_view provider, std::string_view secret) {
  return std::string(provider) + ":" + std::string(secret);
};
const std::string loyalty = R"({"name":"loyalty","url":"https://example.org/v?x=1",
    "variables":[{"name":"tier","type":"string","description":"How loyal"}],"timeout_ms":150,
    "ttl_seconds":30,"header":{"name":"X-Secret","value":"hush"}})";

std::vector<ProviderSettings> read(const std::string& list,
                                   const std::vector<ProviderSettings>& current = {},
                                   const SealSecret& with = seal) {
  return providers_from_json(parse_json(list), "/providers", current, with);
}

std::string refusal(const std::string& list, const std::vector<ProviderSettings>& current = {},
                    const SealSecret& with = seal) {
  try {
    read(list, current, with);
  } catch (const Error& error) {
    return error.details().at(0).pointer;
  }
  return "accepted";
}

// `loyalty` with one member replaced.
std::string with(const std::string& member, const std::string& value) {
  auto object = parse_json(loyalty).as_object();
  object[member] = parse_json(value);
  return "[" + boost::json::serialize(object) + "]";
}

TEST(ProviderSettings, AreRead) {
  const auto provider = read("[" + loyalty + "]").at(0);
  EXPECT_EQ(provider.name, "loyalty");
  EXPECT_EQ(provider.variables.at(0).name, "tier");
  EXPECT_EQ(provider.timeout, std::chrono::milliseconds{150});
  EXPECT_EQ(provider.ttl, std::chrono::seconds{30});
  EXPECT_EQ(provider.header_name, "X-Secret");
  EXPECT_EQ(provider.sealed_header_value, "provider/loyalty:hush");
  const auto plain = read(R"([{"name":"a","url":"http://a.example","variables":[]}])").at(0);
  EXPECT_EQ(plain.timeout, std::chrono::milliseconds{200});
  EXPECT_EQ(plain.header_name, "");
}

TEST(ProviderSettings, AreStoredWithTheirSealedSecretsAndShownWithout) {
  const auto providers = read("[" + loyalty + "]");
  EXPECT_EQ(boost::json::serialize(to_json(providers)).find("hush"), std::string::npos);
  const auto stored = providers_from_stored(to_stored_json(providers));
  EXPECT_EQ(stored.at(0).sealed_header_value, "provider/loyalty:hush");
  EXPECT_EQ(to_stored_json(stored), to_stored_json(providers));
}

TEST(ProviderSettings, StoreTheLongestSecret) {
  const auto providers = read(with("header", R"({"name":"X-Secret","value":")" +
                                                 std::string(max_header_value_bytes, 's') + "\"}"));
  EXPECT_EQ(providers_from_stored(to_stored_json(providers)).at(0).sealed_header_value,
            providers.at(0).sealed_header_value);
}

TEST(ProviderSettings, AreRefusedWithTheirPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {"{}", "/providers"},
      {"[1]", "/providers/0"},
      {"[" + loyalty + "," + loyalty + "]", "/providers/1/name"},
      {with("name", R"("A b")"), "/providers/0/name"},
      {with("url", R"("ftp://example.org/")"), "/providers/0/url"},
      {with("url", R"("https://me:pw@example.org/")"), "/providers/0/url"},
      {with("url", R"("/v")"), "/providers/0/url"},
      {with("url", R"("https://example.org/#f")"), "/providers/0/url"},
      {with("variables", "{}"), "/providers/0/variables"},
      {with("variables", R"([{"name":"user_id"}])"), "/providers/0/variables/0/name"},
      {with("variables", R"([{"name":"a"},{"name":"a"}])"), "/providers/0/variables/1/name"},
      {with("timeout_ms", "9"), "/providers/0/timeout_ms"},
      {with("timeout_ms", "2001"), "/providers/0/timeout_ms"},
      {with("ttl_seconds", "0"), "/providers/0/ttl_seconds"},
      {with("colour", "1"), "/providers/0/colour"},
      {with("header", R"({"value":"x"})"), "/providers/0/header/name"},
      {with("header", R"({"name":"Host","value":"x"})"), "/providers/0/header/name"},
      {with("header", R"({"name":"a b","value":"x"})"), "/providers/0/header/name"},
      {with("header", R"({"name":"X-Secret","value":"a\r\nb"})"), "/providers/0/header/value"},
      {with("header", R"({"name":"X-Secret"})"), "/providers/0/header/value"},
      {with("header", R"({"name":"X-Secret","value":"********"})"), "/providers/0/header/value"},
  };
  for (const auto& [list, pointer] : cases) EXPECT_EQ(refusal(list), pointer) << list;
  EXPECT_EQ(refusal("[" + loyalty + "]", {}, nullptr), "/providers/0/header/value");
}

TEST(ProviderSettings, KeepASecretThatIsGivenBackMasked) {
  const auto current = read("[" + loyalty + "]");
  for (const char* header :
       {R"({"name":"X-Secret","value":"********"})", R"({"name":"X-Other"})"}) {
    EXPECT_EQ(read(with("header", header), current).at(0).sealed_header_value,
              "provider/loyalty:hush");
  }
  EXPECT_EQ(read(with("header", "null"), current).at(0).header_name, "");
}

TEST(ProviderSettings, LetNoSecretGoToAnotherServer) {
  const auto current = read("[" + loyalty + "]");
  auto shown = to_json(current);
  shown.at(0).as_object()["url"] = "https://example.org/other";
  EXPECT_EQ(refusal(boost::json::serialize(shown), current), "accepted");
  for (const char* url :
       {"https://evil.example/v", "http://example.org/v", "https://example.org:8443/v"}) {
    shown.at(0).as_object()["url"] = url;
    EXPECT_EQ(refusal(boost::json::serialize(shown), current), "/providers/0/header/value") << url;
  }
}

}  // namespace
}  // namespace callboard::audience
