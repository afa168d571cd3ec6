#include "app/data_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.hpp"

namespace callboard::app {
namespace {

using testing::HasSubstr;

// flock() is held by an open file and not by a process, so that one process can try it all.
TEST(DataLock, IsForOneAtATimeAndNamesTheHolder) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "data_lock_test" / "data";
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(DataLock::holder(folder)) << "there is no folder";
  {
    const DataLock lock(folder);
    EXPECT_EQ(DataLock::holder(folder), std::to_string(::getpid()));
    try {
      const DataLock second(folder);
      FAIL() << "two at a time";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::conflict);
      EXPECT_THAT(error.message(), HasSubstr("process " + std::to_string(::getpid())));
      EXPECT_THAT(error.message(), HasSubstr(folder.string()));
    }
  }
  EXPECT_FALSE(DataLock::holder(folder));
  const DataLock again(folder);
}

}  // namespace
}  // namespace callboard::app
