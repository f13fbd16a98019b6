# Options of a build, and the interface targets that carry their flags:
#   interplay_instrumentation   sanitizers and profile: everything, SQLite too
#   interplay_language          language, warnings, include roots: our code only
#   interplay_own_code          both

set(INTERPLAY_ENGINE "libfuzzer" CACHE STRING
  "What drives the fuzz targets: libfuzzer (needs clang), afl (needs afl-clang-fast), external (what \$LIB_FUZZING_ENGINE says, as OSS-Fuzz does) or standalone (replays files)")
set_property(CACHE INTERPLAY_ENGINE PROPERTY STRINGS libfuzzer afl external standalone)
if(NOT INTERPLAY_ENGINE MATCHES "^(libfuzzer|afl|external|standalone)$")
  message(FATAL_ERROR "INTERPLAY_ENGINE is '${INTERPLAY_ENGINE}': "
    "libfuzzer, afl, external or standalone expected.")
endif()
if(INTERPLAY_ENGINE STREQUAL "libfuzzer" AND NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "The libfuzzer engine needs clang, not ${CMAKE_C_COMPILER}. "
    "Use a preset (cmake --preset fuzz), or -DINTERPLAY_ENGINE=standalone.")
endif()
# AFL++'s compiler instruments whatever it compiles, unless the environment says otherwise.
string(REGEX MATCH "afl-c[^/]*$" compiler_is_afl "${CMAKE_C_COMPILER}")
if(compiler_is_afl)
  set(CMAKE_C_COMPILER_LAUNCHER env AFL_NOOPT=1)
endif()
if(INTERPLAY_ENGINE STREQUAL "afl" AND NOT compiler_is_afl)
  message(FATAL_ERROR "The afl engine needs afl-clang-fast, not ${CMAKE_C_COMPILER}. "
    "Use the preset: cmake --preset afl.")
endif()

option(INTERPLAY_WERROR "Warnings in our code are errors" OFF)
# Client libraries are fetched. OSS-Fuzz cannot do that, and who brings a pool may not want them.
set(client_default OFF)
if(PROJECT_IS_TOP_LEVEL AND NOT INTERPLAY_ENGINE STREQUAL "external")
  set(client_default ON)
endif()
# Needs libpq's source (scripts/fetch-libpq).
option(INTERPLAY_POSTGRES "The backend for PostgreSQL" ${client_default})
# Needs FreeTDS' source (scripts/fetch-freetds).
option(INTERPLAY_MSSQL "The backend for SQL Server" ${client_default})
# A pool on the backend memory or store needs none of these sources; scripts/fuzz configures so for such a pool.
option(INTERPLAY_POOLS_ONLY "Only backends whose source is here: nothing is fetched, and there are no tests" OFF)
set(INTERPLAY_SQLITE ON)
if(INTERPLAY_POOLS_ONLY)
  set(INTERPLAY_SQLITE OFF)
  set(INTERPLAY_POSTGRES OFF)
  set(INTERPLAY_MSSQL OFF)
endif()
set(INTERPLAY_HAS_TESTS OFF) # and benches
if(PROJECT_IS_TOP_LEVEL AND INTERPLAY_SQLITE AND NOT INTERPLAY_ENGINE STREQUAL "external")
  set(INTERPLAY_HAS_TESTS ON)
endif()
option(INTERPLAY_PROFILE "Source-based coverage (clang) of SQLite and our code" OFF)
set(INTERPLAY_SANITIZERS "" CACHE STRING "List for -fsanitize=, for example address,undefined")

# Only what is under test is instrumented, so that the engine spends itself on the right code.
# Counters alone: trace-cmp (-fsanitize=fuzzer-no-link) costs more than it finds with a structured mutator.
set(coverage_default "")
if(INTERPLAY_ENGINE STREQUAL "libfuzzer")
  set(coverage_default "-fsanitize-coverage=inline-8bit-counters,pc-table")
elseif(INTERPLAY_ENGINE STREQUAL "external")
  include(ExternalEngine)
  set(coverage_default "-fno-sanitize-coverage=trace-cmp") # of those that CFLAGS asks for
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
add_library(interplay_language INTERFACE)
target_link_libraries(interplay_own_code INTERFACE
  interplay_language interplay_instrumentation Threads::Threads)
if(INTERPLAY_ENGINE STREQUAL "external")
  # CFLAGS instruments everything.
  set(all_coverage edge,bb,func,inline-8bit-counters,trace-pc-guard,pc-table,trace-cmp,indirect-calls,stack-depth)
  target_compile_options(interplay_own_code INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:INTERPLAY_INSTRUMENTED>>>:-fno-sanitize-coverage=${all_coverage}>)
endif()
target_compile_definitions(interplay_language INTERFACE _GNU_SOURCE)
# <interplay/backend.h>, "base/arena.h", "sqlite/sim_vfs.h", "generated/backends.def"
# (installed: <interplay/backend.h> and "generated/subjects.h").
target_include_directories(interplay_language INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include;${PROJECT_SOURCE_DIR}/src;${PROJECT_SOURCE_DIR}/backends>"
  "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}>"
  "$<INSTALL_INTERFACE:include;share/interplay/src;share/interplay>")
# Said outright: asked for as a feature, a compiler whose default is newer would take that one.
target_compile_options(interplay_language INTERFACE -std=gnu17)
set(warnings
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wcast-qual -Wvla -Wundef -Wformat=2 -Wswitch-enum)
if(INTERPLAY_WERROR)
  list(APPEND warnings -Werror)
endif()
if(PROJECT_IS_TOP_LEVEL) # who brings a pool has warnings of their own
  target_compile_options(interplay_language INTERFACE "$<BUILD_INTERFACE:${warnings}>")
endif()
