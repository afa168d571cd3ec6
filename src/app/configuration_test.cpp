#include "app/configuration.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::app {
namespace {

Configuration with(std::string_view name, std::string value) {
  Settings settings;
  settings.set_flag(name, std::move(value));
  return configuration_of(settings);
}

std::string refusal(std::string_view name, std::string value) {
  try {
    with(name, std::move(value));
  } catch (const Error& error) {
    return error.message();
  }
  return "accepted";
}

TEST(Configuration, HasUsableDefaults) {
  const Configuration configuration = configuration_of(Settings{});
  EXPECT_EQ(configuration.server.address, "127.0.0.1");
  EXPECT_EQ(configuration.server.port, 8000);
  EXPECT_EQ(configuration.data_folder, "callboard-data");
  EXPECT_GT(configuration.answer_memo_bytes, 0u);
}

TEST(Configuration, ReadsAddresses) {
  EXPECT_EQ(with("listen", "0.0.0.0:80").server.port, 80);
  EXPECT_EQ(with("listen", "[::1]:0").server.address, "::1");
  for (const char* bad : {"", "8000", ":8000", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:8o"}) {
    EXPECT_NE(refusal("listen", bad), "accepted") << bad;
  }
}

TEST(Configuration, NamesWhatIsWrong) {
  EXPECT_EQ(refusal("role", "king"),
            "role (flag --role) must be one of all, http, worker, not \"king\"");
  EXPECT_EQ(refusal("role", "worker"),
            "role worker needs PostgreSQL; with SQLite one process does everything");
  EXPECT_EQ(refusal("clock_offset", "60"), "clock_offset is for tests and needs --dev");
  EXPECT_EQ(refusal("io_threads", "257"),
            "io_threads (flag --io-threads) must be a whole number from 0 to 256, not \"257\"");
}

}  // namespace
}  // namespace callboard::app
