# Compiler flags, ccache and mold, for every target of the project.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Werror)
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # g++ 12's own std::stable_sort calls what it deprecates, which clang reports; g++ still tells us.
  add_compile_options(-Wthread-safety -Wno-deprecated-declarations)
  # {.size = 3} leaves the other members to their defaults, on purpose.
  add_compile_options(-Wno-missing-designated-field-initializers)
endif()

if(CALLBOARD_SANITIZE)
  add_compile_options(-fsanitize=${CALLBOARD_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CALLBOARD_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees uninitialised members of variants where a sanitizer's code hides the check; the
    # release build keeps the warning.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  if(CALLBOARD_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Boost.Asio uses stand-alone fences, which g++ warns that TSan does not model.
    add_compile_options(-Wno-tsan)
  endif()
endif()

if(CALLBOARD_FUZZ)
  # Coverage feedback in every folder's objects; only the targets link libFuzzer's main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
