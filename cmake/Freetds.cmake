# FreeTDS' db-lib, a client library for TDS servers, from source: interplay_freetds.
#
# INTERPLAY_FREETDS_DIR is a folder as scripts/fetch-freetds makes it; it is found that way if not given.
# Instrumented like SQLite, and what it says to the network goes through the simulator (src/sim/net.h).

set(INTERPLAY_FREETDS_DIR "" CACHE PATH
  "Folder with the configured source of FreeTDS; empty: scripts/fetch-freetds")

include(FetchSource)
interplay_fetch_source(freetds_dir "${INTERPLAY_FREETDS_DIR}" fetch-freetds
  "-DINTERPLAY_FREETDS_DIR=<folder as it makes one> takes another one, -DINTERPLAY_MSSQL=OFF does without SQL Server.")
if(NOT EXISTS "${freetds_dir}/src/dblib/dblib.c" OR NOT EXISTS "${freetds_dir}/include/freetds/sysconfdir.h")
  message(FATAL_ERROR "INTERPLAY_FREETDS_DIR=${freetds_dir}: a folder as scripts/fetch-freetds makes it is expected.")
endif()
interplay_source_version(freetds_version "${freetds_dir}/include/config.h" VERSION)
message(STATUS "FreeTDS ${freetds_version} from ${freetds_dir}")

# What it brings for systems that lack something, and what it could do with TLS and Kerberos, is left out.
set(freetds_sources "")
foreach(file
    replacements/readpassphrase replacements/strlcat replacements/strlcpy
    utils/bjoern-utf8 utils/des utils/dlist utils/getpassarg utils/hmac_md5 utils/md4 utils/md5 utils/net utils/path utils/strndup
    utils/sleep utils/smp utils/tds_cond utils/tdsstring utils/threadsafe
    tds/bulk tds/challenge tds/config tds/convert tds/data tds/getmac tds/iconv tds/locale tds/log tds/login tds/mem
    tds/net tds/numeric tds/packet tds/query tds/random tds/read tds/sec_negotiate tds/stream tds/tds_checks tds/tls tds/token tds/util
    tds/vstrbuild tds/write
    dblib/bcp dblib/dblib dblib/dbopen dblib/dbpivot dblib/dbutil dblib/rpc dblib/xact)
  list(APPEND freetds_sources "${freetds_dir}/src/${file}.c")
endforeach()

add_library(interplay_freetds STATIC ${freetds_sources})
# As its own makefiles have it; those of the second line decide what its structures look like.
target_compile_definitions(interplay_freetds PRIVATE HAVE_CONFIG_H _GNU_SOURCE DEBUG=1)
# It does not survive a refused allocation (docs/findings-freetds.md): without this each search ends there.
target_compile_definitions(interplay_freetds PRIVATE SIM_NET_HAS_MEMORY)
target_compile_definitions(interplay_freetds PUBLIC _REENTRANT _THREAD_SAFE)
target_compile_options(interplay_freetds PRIVATE -w -include "${PROJECT_SOURCE_DIR}/src/sim/net_calls.h")
target_include_directories(interplay_freetds SYSTEM PUBLIC "$<BUILD_INTERFACE:${freetds_dir}/include>")
target_include_directories(interplay_freetds SYSTEM PRIVATE
  "${freetds_dir}/src/replacements" "${freetds_dir}/src/tds" "${freetds_dir}/src/utils" "${freetds_dir}/src/dblib")
target_link_libraries(interplay_freetds PUBLIC interplay_instrumentation interplay_sim Threads::Threads)
# The only file that reads and writes descriptors by these names: those that wake up who waits.
set_source_files_properties("${freetds_dir}/src/tds/net.c" PROPERTIES COMPILE_DEFINITIONS SIM_NET_READS_AND_WRITES)
interplay_instrument(interplay_freetds)
interplay_compile_cached(interplay_freetds)
set_property(GLOBAL APPEND PROPERTY INTERPLAY_CLIENTS interplay_freetds)
