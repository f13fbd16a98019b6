# libpq, PostgreSQL's client library, from source: interplay_libpq.
#
# INTERPLAY_LIBPQ_DIR is a folder as scripts/fetch-libpq makes it; it is found that way if not given.
# Instrumented like SQLite, and what it says to the network goes through the simulator (src/sim/net.h).

set(INTERPLAY_LIBPQ_DIR "" CACHE PATH
  "Folder with the configured source of libpq; empty: scripts/fetch-libpq")

include(FetchSource)
interplay_fetch_source(libpq_dir "${INTERPLAY_LIBPQ_DIR}" fetch-libpq
  "-DINTERPLAY_LIBPQ_DIR=<folder as it makes one> takes another one, -DINTERPLAY_POSTGRES=OFF does without PostgreSQL.")
set(libpq_src "${libpq_dir}/src")
if(NOT EXISTS "${libpq_src}/interfaces/libpq/fe-connect.c" OR NOT EXISTS "${libpq_src}/port/pg_config_paths.h")
  message(FATAL_ERROR "INTERPLAY_LIBPQ_DIR=${libpq_dir}: a folder as scripts/fetch-libpq makes it is expected.")
endif()
interplay_source_version(libpq_version "${libpq_src}/include/pg_config.h" PG_VERSION)
message(STATUS "libpq ${libpq_version} from ${libpq_dir}")

function(interplay_libpq_library target)
  add_library(${target} STATIC ${ARGN})
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE FRONTEND)
  target_compile_options(${target} PRIVATE -w)
  target_include_directories(${target} SYSTEM PUBLIC
    "$<BUILD_INTERFACE:${libpq_src}/interfaces/libpq>" "$<BUILD_INTERFACE:${libpq_src}/include>")
  target_include_directories(${target} SYSTEM PRIVATE "${libpq_src}/port")
  target_link_libraries(${target} PUBLIC interplay_instrumentation Threads::Threads)
endfunction()

# What it shares with the server, as far as it needs it; versions differ in a few files.
set(shared "")
foreach(file
    common/base64 common/cryptohash common/encnames common/hmac common/ip common/link-canary common/md5
    common/md5_common common/saslprep common/scram-common common/sha1 common/sha2 common/string common/stringinfo
    common/unicode_norm common/wchar
    port/chklocale port/explicit_bzero port/getpeereid port/inet_net_ntop port/noblock port/pg_strong_random
    port/pgstrcasecmp port/snprintf port/strerror port/strlcat port/strlcpy port/thread port/timingsafe_bcmp)
  if(EXISTS "${libpq_src}/${file}.c")
    list(APPEND shared "${libpq_src}/${file}.c")
  endif()
endforeach()
interplay_libpq_library(interplay_libpq_shared ${shared})

file(GLOB own "${libpq_src}/interfaces/libpq/*.c")
list(FILTER own EXCLUDE REGEX "gssapi|openssl|secure-common|win32")
interplay_libpq_library(interplay_libpq ${own})
target_link_libraries(interplay_libpq PUBLIC interplay_libpq_shared interplay_sim)
target_compile_options(interplay_libpq PRIVATE -include "${PROJECT_SOURCE_DIR}/src/sim/net_calls.h")
interplay_instrument(interplay_libpq)
interplay_compile_cached(interplay_libpq interplay_libpq_shared)
set_property(GLOBAL APPEND PROPERTY INTERPLAY_CLIENTS interplay_libpq interplay_libpq_shared)
