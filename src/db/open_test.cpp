#include "db/open.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.hpp"
#include "db/location.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

const std::vector<Migration> schema = {built_in_migrations(Dialect::sqlite).front()};

class OpenTest : public testing::Test {
 protected:
  std::unique_ptr<Database> open_at(const std::string& location) {
    return open({location, clock_, metrics_, {}, &schema});
  }
  ErrorCode refusal_of(const std::string& location) {
    try {
      open_at(location);
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << location << " was opened";
    return ErrorCode::internal;
  }
  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
  }

  TemporaryFolder folder_;
  SimulatedClock clock_;
  Metrics metrics_;
};

TEST_F(OpenTest, MakesThePrivateDataDirectory) {
  const auto data = folder_.path() / "a" / "data";
  open_at(data.string())->check();
  EXPECT_EQ(mode_of(data), 0700u);
  EXPECT_EQ(mode_of(data / "callboard.db"), 0600u);
}

TEST_F(OpenTest, TakesTheNameOfAFile) {
  const auto file = folder_.path() / "my.db";
  open_at("sqlite:" + file.string())->check();
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(OpenTest, ReadsLocations) {
  EXPECT_EQ(sqlite_path("data"), "data/callboard.db");
  EXPECT_EQ(sqlite_path("sqlite:my.db"), "my.db");
  EXPECT_EQ(sqlite_path("sqlite:/var/my.db"), "/var/my.db");
}

TEST_F(OpenTest, RefusesOtherLocations) {
  EXPECT_EQ(refusal_of(""), ErrorCode::invalid);
  EXPECT_EQ(refusal_of("sqlite:"), ErrorCode::invalid);
  EXPECT_EQ(refusal_of("mysql://host/name"), ErrorCode::invalid);
}

TEST_F(OpenTest, SaysThatAPlaceCannotBeUsed) {
  EXPECT_EQ(refusal_of("/dev/null/data"), ErrorCode::unavailable);
  EXPECT_EQ(refusal_of("sqlite:" + folder_.path().string()), ErrorCode::unavailable);
}

TEST_F(OpenTest, HidesAPasswordWhateverIsInIt) {
  for (const auto* url : {"postgres://ann:qqq@host:5432/db", "postgres://ann:q#q?q@q:q@host/db",
                          "postgres://host/db?user=ann&password=qqq&sslmode=require"}) {
    const std::string shown = without_password(url);
    EXPECT_NE(shown.find("********"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("q#"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("qq"), std::string::npos) << shown;
  }
  EXPECT_EQ(without_password("postgres://host:5432/db"), "postgres://host:5432/db");
  EXPECT_EQ(without_password("[::1]:8000"), "[::1]:8000");
}

}  // namespace
}  // namespace callboard::db
