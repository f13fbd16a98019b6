# Options of a build, and the two interface targets that carry their flags:
#   interplay_instrumentation   sanitizers and profile: everything, SQLite too
#   interplay_own_code          language, warnings, include roots: our code only

set(INTERPLAY_ENGINE "libfuzzer" CACHE STRING
  "What drives the fuzz targets: libfuzzer (needs clang) or standalone (replays files)")
set_property(CACHE INTERPLAY_ENGINE PROPERTY STRINGS libfuzzer standalone)
if(NOT INTERPLAY_ENGINE MATCHES "^(libfuzzer|standalone)$")
  message(FATAL_ERROR "INTERPLAY_ENGINE is '${INTERPLAY_ENGINE}': libfuzzer or standalone expected.")
endif()
if(INTERPLAY_ENGINE STREQUAL "libfuzzer" AND NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "The libfuzzer engine needs clang, not ${CMAKE_C_COMPILER}. "
    "Use a preset (cmake --preset fuzz), or -DINTERPLAY_ENGINE=standalone.")
endif()

option(INTERPLAY_WERROR "Warnings in our code are errors" OFF)
option(INTERPLAY_PROFILE "Source-based coverage (clang) of SQLite and our code" OFF)
set(INTERPLAY_SANITIZERS "" CACHE STRING "List for -fsanitize=, for example address,undefined")

# Only what is under test is instrumented, so that the engine spends itself on the right code.
# Counters alone: trace-cmp (-fsanitize=fuzzer-no-link) costs more than it finds with a structured mutator.
set(coverage_default "")
if(INTERPLAY_ENGINE STREQUAL "libfuzzer")
  set(coverage_default "-fsanitize-coverage=inline-8bit-counters,pc-table")
endif()
set(INTERPLAY_COVERAGE_FLAGS "${coverage_default}" CACHE STRING
  "Compile flags that instrument what is under test (SQLite) for the engine")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_package(Threads REQUIRED)

add_library(interplay_instrumentation INTERFACE)
if(INTERPLAY_SANITIZERS)
  target_compile_options(interplay_instrumentation INTERFACE
    -fsanitize=${INTERPLAY_SANITIZERS} -fno-sanitize-recover=all)
  target_link_options(interplay_instrumentation INTERFACE -fsanitize=${INTERPLAY_SANITIZERS})
endif()
# Fixed addresses: code under test may hash the address of something static (the pool does), and
# then which edges are taken, and so the engine's course, would differ from run to run of one seed.
if(NOT INTERPLAY_SANITIZERS MATCHES "thread")
  target_compile_options(interplay_instrumentation INTERFACE -fno-pie)
  target_link_options(interplay_instrumentation INTERFACE -no-pie)
endif()
if(INTERPLAY_PROFILE)
  target_compile_options(interplay_instrumentation INTERFACE
    -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(interplay_instrumentation INTERFACE -fprofile-instr-generate)
endif()

add_library(interplay_own_code INTERFACE)
target_link_libraries(interplay_own_code INTERFACE interplay_instrumentation Threads::Threads)
target_compile_definitions(interplay_own_code INTERFACE _GNU_SOURCE)
# <interplay/backend.h>, "base/arena.h", "sqlite/sim_vfs.h"
target_include_directories(interplay_own_code INTERFACE
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/backends")
# Said outright: asked for as a feature, a compiler whose default is newer would take that one.
target_compile_options(interplay_own_code INTERFACE -std=gnu17)
target_compile_options(interplay_own_code INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wcast-qual -Wvla -Wundef -Wformat=2 -Wswitch-enum
  $<$<BOOL:${INTERPLAY_WERROR}>:-Werror>)
