# callboard_folder(NAME SOURCES ... LINK ...): one object library per folder of src/.
# callboard_test(NAME SOURCES ... LINK ...): one GoogleTest program, its cases known to CTest.

function(callboard_folder name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} OBJECT ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${arg_LINK})
endfunction()

# An object library's objects reach a program only if it is named there: LINK lists them all.
function(callboard_test name)
  if(NOT CALLBOARD_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

# callboard_fuzz(NAME SOURCES ... LINK ...): one libFuzzer program, NAME_fuzz, for the preset fuzz.
# tools/fuzz runs it on the kept inputs in tests/fuzz/corpus/NAME, which must not be empty.
function(callboard_fuzz name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name}_fuzz ${arg_SOURCES})
  target_include_directories(${name}_fuzz PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name}_fuzz PRIVATE ${arg_LINK})
  target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
endfunction()
