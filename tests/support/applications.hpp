#pragma once

// A database with the workspace `default` and the applications `demo` and `other`, for tests of
// what applications have.

#include <string>

#include "audience/audience.hpp"
#include "tests/support/databases.hpp"

namespace callboard {

inline constexpr std::string_view test_app = "demo";

class ApplicationsTest : public StoreTest {
 protected:
  ApplicationsTest() {
    write([&](db::Transaction& transaction) {
      audience::create_workspace(transaction, {"default", "Default", clock().now()});
      for (const char* app : {"demo", "other"}) {
        audience::Application application;
        application.app_id = app;
        application.workspace_id = "default";
        application.settings.name = app;
        application.created_at = application.updated_at = clock().now();
        audience::create_application(transaction, application);
      }
    });
  }

  // As in the program: the database's threads end before whoever they call does.
  void TearDown() override { database().stop(); }
};

}  // namespace callboard
