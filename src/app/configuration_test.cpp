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

TEST(Configuration, ReadsRatesAndTheRequestLog) {
  const Configuration defaults = configuration_of(Settings{});
  EXPECT_EQ(defaults.rate_limits.writes_per_user, 50u);
  EXPECT_EQ(defaults.rate_limits.writes_per_app, 500u);
  EXPECT_EQ(defaults.rate_limits.reads_per_user, 0u);
  EXPECT_EQ(defaults.server.log.slow, std::chrono::seconds{1});
  EXPECT_FALSE(defaults.server.log.all);
  EXPECT_EQ(with("rate_reads_per_app", "7").rate_limits.reads_per_app, 7u);
  EXPECT_EQ(with("slow_request_ms", "0").server.log.slow.count(), 0);
  EXPECT_NE(refusal("rate_writes_per_user", "1000001"), "accepted");
}

TEST(Configuration, RefusesWhatTheServerWouldRefuse) {
  EXPECT_EQ(refusal("trusted_proxies", "10.0.0.0/33"),
            "not an address or a CIDR block: 10.0.0.0/33");
  EXPECT_EQ(refusal("listen", "example.org:80"), "not an address to listen on: example.org");
  EXPECT_NE(refusal("log_level", "loud"), "accepted");
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
