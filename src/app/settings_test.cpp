#include "app/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.hpp"

namespace callboard::app {
namespace {

using testing::HasSubstr;

// Of the test's own, as tests run beside each other.
std::string file_with(const std::string& text) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string path = testing::TempDir() + "settings_test." + test->name() + ".toml";
  std::ofstream(path) << text;
  return path;
}

template <class Function>
std::string refusal(Function&& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.message();
  }
  return "accepted";
}

TEST(Settings, LaterSourcesWinAndAreNamed) {
  Settings settings;
  EXPECT_EQ(settings.value("listen").source, "default");
  settings.read_file(file_with("listen = \"0.0.0.0:1\"\nio_threads = 3\ndev = true\n"));
  settings.read_environment(std::vector<std::string>{"CALLBOARD_LISTEN=0.0.0.0:2", "HOME=/x"});
  EXPECT_EQ(settings.text("listen"), "0.0.0.0:2");
  EXPECT_EQ(settings.value("listen").source, "environment CALLBOARD_LISTEN");
  settings.set_flag("listen", "0.0.0.0:3");
  EXPECT_EQ(settings.value("listen").source, "flag --listen");
  EXPECT_EQ(settings.integer("io_threads", 0, 64), 3);
  EXPECT_TRUE(settings.flag("dev"));
}

TEST(Settings, UnknownNamesAreErrors) {
  Settings settings;
  EXPECT_THAT(refusal([&] { settings.read_file(file_with("lissen = \"x\"")); }),
              HasSubstr("unknown setting \"lissen\" in "));
  EXPECT_EQ(
      refusal([&] { settings.read_environment(std::vector<std::string>{"CALLBOARD_LISSEN=1"}); }),
      "unknown setting in the environment: CALLBOARD_LISSEN");
  EXPECT_THAT(refusal([&] { settings.set_flag("lissen", "x"); }), HasSubstr("unknown setting"));
}

TEST(Settings, WrongValuesNameTheSettingAndItsSource) {
  Settings settings;
  EXPECT_THAT(refusal([&] { settings.read_file(file_with("listen = [")); }), HasSubstr(".toml:1:"));
  EXPECT_THAT(refusal([&] { settings.read_file(file_with("demo = 1")); }),
              HasSubstr("must be true or false"));
  EXPECT_THAT(refusal([&] { settings.read_file(file_with("[listen]\na=1")); }),
              HasSubstr("\"listen\" must be text"));
  settings.set_flag("io_threads", "many");
  EXPECT_EQ(refusal([&] { settings.integer("io_threads", 0, 64); }),
            "io_threads (flag --io-threads) must be a whole number from 0 to 64, not \"many\"");
}

TEST(Settings, ListsComeAsTomlArraysOrWithCommas) {
  Settings settings;
  settings.read_file(file_with("trusted_proxies = [\"10.0.0.1\", \"10.1.0.0/16\"]"));
  EXPECT_EQ(settings.list("trusted_proxies"),
            (std::vector<std::string>{"10.0.0.1", "10.1.0.0/16"}));
  settings.set_flag("trusted_proxies", "");
  EXPECT_TRUE(settings.list("trusted_proxies").empty());
}

TEST(Settings, DescribesEachWithItsSourceAndMasksSecrets) {
  Settings settings;
  settings.set_flag("server_key", "c2VjcmV0");
  const std::string text = settings.describe();
  EXPECT_THAT(text, HasSubstr("listen                      = \"127.0.0.1:8000\""));
  EXPECT_THAT(text, HasSubstr("# flag --server-key"));
  EXPECT_THAT(text, testing::Not(HasSubstr("c2VjcmV0")));
}

}  // namespace
}  // namespace callboard::app
