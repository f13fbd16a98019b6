# SQLite under test, as the static library interplay_sqlite3: the amalgamation, compiled as users ship
# it, with the engine's coverage instrumentation and the preset's sanitizers.
#
# Without INTERPLAY_SQLITE_DIR the source comes from scripts/fetch-sqlite, which caches it per user.
# The library depends on nothing but that source and its flags: compiling it takes minutes.

set(INTERPLAY_SQLITE_DIR "" CACHE PATH
  "Folder with sqlite3.c and sqlite3.h; empty: scripts/fetch-sqlite")

set(sqlite_dir "${INTERPLAY_SQLITE_DIR}")
if(NOT sqlite_dir)
  execute_process(COMMAND "${PROJECT_SOURCE_DIR}/scripts/fetch-sqlite"
    OUTPUT_VARIABLE sqlite_dir OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "scripts/fetch-sqlite failed (above). "
      "-DINTERPLAY_SQLITE_DIR=<folder with sqlite3.c and sqlite3.h> takes any other SQLite.")
  endif()
endif()
foreach(file sqlite3.c sqlite3.h)
  if(NOT EXISTS "${sqlite_dir}/${file}")
    message(FATAL_ERROR "INTERPLAY_SQLITE_DIR=${sqlite_dir} has no ${file}: "
      "the folder of an SQLite amalgamation is expected.")
  endif()
endforeach()

file(STRINGS "${sqlite_dir}/sqlite3.h" sqlite_version REGEX "^#define SQLITE_VERSION +\"")
string(REGEX MATCH "[0-9][0-9.]*" sqlite_version "${sqlite_version}")
message(STATUS "SQLite ${sqlite_version} from ${sqlite_dir}")

add_library(interplay_sqlite3 STATIC "${sqlite_dir}/sqlite3.c")
target_include_directories(interplay_sqlite3 SYSTEM PUBLIC "${sqlite_dir}")
# Upstream's defaults, with what its configure finds out: without HAVE_USLEEP a busy timeout counts in whole seconds.
# The same in every preset and no SQLITE_DEBUG in any, so that a plan's trace is too.
target_compile_definitions(interplay_sqlite3 PRIVATE SQLITE_THREADSAFE=1 HAVE_USLEEP=1)
target_compile_options(interplay_sqlite3 PRIVATE -w)
interplay_instrument(interplay_sqlite3)
if("${INTERPLAY_SANITIZERS} ${CMAKE_C_FLAGS}" MATCHES "undefined|function" AND CMAKE_C_COMPILER_ID MATCHES "Clang")
  # SQLite calls through function pointers of compatible but other types (its system call table,
  # destructors such as sqlite3_free); clang 17 and newer count that in C, too.
  target_compile_options(interplay_sqlite3 PRIVATE -fno-sanitize=function)
endif()
target_link_libraries(interplay_sqlite3 PUBLIC
  interplay_instrumentation Threads::Threads ${CMAKE_DL_LIBS} m)

# One compilation a compiler and flags, whatever the preset and the clone.
set_target_properties(interplay_sqlite3 PROPERTIES
  C_COMPILER_LAUNCHER "${PROJECT_SOURCE_DIR}/cmake/compile-cached")
