#include "identity/server_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::identity {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
constexpr std::string_view others = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

ErrorCode code_of_loading(const fs::path& folder) {
  try {
    ServerKey::load_or_create(folder);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

TEST(ServerKey, OpensWhatItSealed) {
  const ServerKey key = ServerKey::from_text(zeros);
  const std::string sealed = key.seal("demo/key", "cbs_secret");
  EXPECT_EQ(sealed.find("cbs_secret"), std::string::npos);
  EXPECT_EQ(key.open("demo/key", sealed), "cbs_secret");
  EXPECT_NE(key.seal("demo/key", "cbs_secret"), sealed);
}

TEST(ServerKey, RefusesWhatWasTamperedWith) {
  const ServerKey key = ServerKey::from_text(zeros);
  const std::string sealed = key.seal("demo/key", "cbs_secret");
  std::string changed = sealed;
  changed[changed.size() / 2] ^= 1;
  EXPECT_THROW(key.open("demo/key", changed), Error);
  EXPECT_THROW(key.open("demo/other", sealed), Error);
  EXPECT_THROW(key.open("demo", sealed), Error);
  EXPECT_THROW(key.open("demo/key", sealed.substr(0, 20)), Error);
  EXPECT_THROW(key.open("demo/key", ""), Error);
  EXPECT_THROW(ServerKey::from_text(others).open("demo/key", sealed), Error);
}

TEST(ServerKey, ReadsOnlyThirtyTwoBytes) {
  for (const char* text : {"", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!="}) {
    EXPECT_THROW(ServerKey::from_text(text), Error) << text;
  }
}

TEST(ServerKey, IsMadeOnceForItsOwnerOnly) {
  const TemporaryFolder folder;
  const ServerKey made = ServerKey::load_or_create(folder.path());
  const ServerKey loaded = ServerKey::load_or_create(folder.path());
  EXPECT_EQ(loaded.open("a", made.seal("a", "b")), "b");
  struct stat status{};
  ASSERT_EQ(::stat((folder.path() / "server.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(ServerKey, RefusesAFileThatOthersMayRead) {
  const TemporaryFolder folder;
  ServerKey::load_or_create(folder.path());
  const fs::path file = folder.path() / "server.key";
  for (const auto mode : {0640u, 0604u, 0620u, 0644u}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    EXPECT_EQ(code_of_loading(folder.path()), ErrorCode::invalid);
  }
}

TEST(ServerKey, RefusesDamageAndLinks) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "server.key";
  std::ofstream(file) << "not a key\n";
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_EQ(code_of_loading(folder.path()), ErrorCode::invalid);
  const TemporaryFolder other;
  ServerKey::load_or_create(other.path());
  fs::remove(file);
  fs::create_symlink(other.path() / "server.key", file);
  EXPECT_EQ(code_of_loading(folder.path()), ErrorCode::unavailable);
  EXPECT_EQ(code_of_loading(folder.path() / "nowhere"), ErrorCode::unavailable);
}

}  // namespace
}  // namespace callboard::identity
