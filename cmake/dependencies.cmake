# Debian 12's packages, found once; docs/decisions/0002-dependencies.md says what each is for.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL 15 REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(date REQUIRED)
find_package(tl-expected REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PROFILER REQUIRED IMPORTED_TARGET libprofiler)
pkg_check_modules(TCMALLOC REQUIRED IMPORTED_TARGET libtcmalloc)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)

# src/app/render_api_reference, which the build runs.
execute_process(COMMAND /usr/bin/python3 -c "import markdown, yaml" RESULT_VARIABLE python_lacks
                ERROR_QUIET)
if(python_lacks)
  message(FATAL_ERROR "Debian's python3-markdown and python3-yaml are missing")
endif()

if(CALLBOARD_TESTS)
  find_package(GTest REQUIRED)
endif()
if(CALLBOARD_BENCH)
  find_package(benchmark REQUIRED)
endif()
