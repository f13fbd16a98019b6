# SQLite under test, as the static library interplay_sqlite3: the amalgamation, compiled as users ship
# it, with the engine's coverage instrumentation and the preset's sanitizers.
#
# Without INTERPLAY_SQLITE_DIR the source comes from scripts/fetch-sqlite, which caches it per user.
# The library depends on nothing but that source and its flags: compiling it takes minutes.

set(INTERPLAY_SQLITE_DIR "" CACHE PATH
  "Folder with sqlite3.c and sqlite3.h; empty: scripts/fetch-sqlite")

include(FetchSource)
interplay_fetch_source(sqlite_dir "${INTERPLAY_SQLITE_DIR}" fetch-sqlite
  "-DINTERPLAY_SQLITE_DIR=<folder with sqlite3.c and sqlite3.h> takes any other SQLite.")
foreach(file sqlite3.c sqlite3.h)
  if(NOT EXISTS "${sqlite_dir}/${file}")
    message(FATAL_ERROR "INTERPLAY_SQLITE_DIR=${sqlite_dir} has no ${file}: "
      "the folder of an SQLite amalgamation is expected.")
  endif()
endforeach()

interplay_source_version(sqlite_version "${sqlite_dir}/sqlite3.h" SQLITE_VERSION)
message(STATUS "SQLite ${sqlite_version} from ${sqlite_dir}")

# interplay_sqlite_library(target kind folder)
function(interplay_sqlite_library target kind folder)
  add_library(${target} ${kind} "${folder}/sqlite3.c")
  target_include_directories(${target} SYSTEM PUBLIC "$<BUILD_INTERFACE:${folder}>")
  # Upstream's defaults, with what its configure finds out: without HAVE_USLEEP a busy timeout counts in whole seconds.
  # The same in every preset and no SQLITE_DEBUG in any, so that a plan's trace is too.
  target_compile_definitions(${target} PRIVATE SQLITE_THREADSAFE=1 HAVE_USLEEP=1)
  target_compile_options(${target} PRIVATE -w)
  interplay_instrument(${target})
  if("${INTERPLAY_SANITIZERS} ${CMAKE_C_FLAGS}" MATCHES "undefined|function" AND CMAKE_C_COMPILER_ID MATCHES "Clang")
    # SQLite calls through function pointers of compatible but other types (its system call table,
    # destructors such as sqlite3_free); clang 17 and newer count that in C, too.
    target_compile_options(${target} PRIVATE -fno-sanitize=function)
  endif()
  target_link_libraries(${target} PUBLIC
    interplay_instrumentation Threads::Threads ${CMAKE_DL_LIBS} m)
  interplay_compile_cached(${target})
endfunction()

interplay_sqlite_library(interplay_sqlite3 STATIC "${sqlite_dir}")
set_property(GLOBAL APPEND PROPERTY INTERPLAY_CLIENTS interplay_sqlite3)

# --- another version, beside it ---

set(INTERPLAY_SQLITE_BESIDE_DIR "" CACHE PATH
  "Folder with another SQLite, for differential runs; empty: the newest in scripts/sqlite-releases; none: without")

set(sqlite_beside_dir "${INTERPLAY_SQLITE_BESIDE_DIR}")
if(NOT sqlite_beside_dir AND PROJECT_IS_TOP_LEVEL AND NOT INTERPLAY_ENGINE STREQUAL "external")
  file(STRINGS "${PROJECT_SOURCE_DIR}/scripts/sqlite-releases" releases REGEX "^[0-9]")
  list(GET releases -1 newest)
  separate_arguments(newest)
  list(POP_FRONT newest)
  execute_process(COMMAND "${PROJECT_SOURCE_DIR}/scripts/fetch-sqlite" ${newest}
    OUTPUT_VARIABLE sqlite_beside_dir OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(WARNING "scripts/fetch-sqlite failed (above): no other SQLite to compare with, no fuzz_differential.")
    set(sqlite_beside_dir "")
  endif()
elseif(sqlite_beside_dir MATCHES "(^|/)none$")
  set(sqlite_beside_dir "")
endif()
if(sqlite_beside_dir)
  interplay_source_version(sqlite_beside_version "${sqlite_beside_dir}/sqlite3.h" SQLITE_VERSION)
  message(STATUS "SQLite ${sqlite_beside_version} beside it, from ${sqlite_beside_dir}")
  interplay_sqlite_library(interplay_sqlite3_beside OBJECT "${sqlite_beside_dir}")
endif()
