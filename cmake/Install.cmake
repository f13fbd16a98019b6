# What cmake --install and cpack put where, in two components:
#   product  the connection pool as a library for production use, compiled without anything of this build's preset, on
#            the system's SQLite: find_package(Interplay), then Interplay::interplay; pkg-config: interplay
#   harness  the command, its manuals, and what a project of somebody else's needs for a fuzz target of its own pool:
#            find_package(Interplay COMPONENTS harness), then interplay_add_target; of this build's engine and sanitizers

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Interplay")
set(shared_dir share/interplay)

# The pool and the backends that are production code; their simulated worlds stay here.
get_target_property(product_sources interplay_pool SOURCES)
list(TRANSFORM product_sources PREPEND "src/")
list(TRANSFORM product_sources REPLACE "^src/(/.*)" "\\1")
find_package(SQLite3 QUIET)
add_library(interplay_product STATIC
  ${product_sources}
  src/base/outcome.c
  backends/sqlite/sqlite_backend.c
  backends/sqlite/sqlite_effects.c
  backends/sqlite/sqlite_session.c
  backends/sqlite/sqlite_transaction.c
  backends/sqlite/sqlite_words.c)
set_target_properties(interplay_product PROPERTIES
  OUTPUT_NAME interplay EXPORT_NAME interplay POSITION_INDEPENDENT_CODE ON)
target_compile_options(interplay_product PRIVATE -std=gnu17)
target_compile_definitions(interplay_product PRIVATE _GNU_SOURCE)
target_include_directories(interplay_product
  PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:include>"
  PRIVATE src backends)
target_link_libraries(interplay_product PUBLIC Threads::Threads)
if(SQLite3_FOUND)
  target_link_libraries(interplay_product PUBLIC SQLite::SQLite3)
else()
  set_target_properties(interplay_product PROPERTIES EXCLUDE_FROM_ALL ON)
  message(STATUS "No SQLite of the system's (libsqlite3-dev): the pool is not installed, only the harness")
endif()

# The product.
install(FILES
  include/interplay/backend.h include/interplay/error.h include/interplay/pool.h include/interplay/value.h
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/interplay" COMPONENT product)
if(SQLite3_FOUND)
  install(TARGETS interplay_product EXPORT InterplayProduct
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT product)
  install(EXPORT InterplayProduct NAMESPACE Interplay:: DESTINATION "${cmake_dir}" COMPONENT product)
  file(RELATIVE_PATH prefix_from_pkgconfig "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /)
  string(REGEX REPLACE "/$" "" prefix_from_pkgconfig "${prefix_from_pkgconfig}")
  configure_file(cmake/interplay.pc.in "${PROJECT_BINARY_DIR}/interplay.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/interplay.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT product)
endif()
configure_package_config_file(cmake/InterplayConfig.cmake.in "${PROJECT_BINARY_DIR}/InterplayConfig.cmake"
  INSTALL_DESTINATION "${cmake_dir}" PATH_VARS shared_dir)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/InterplayConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/InterplayConfig.cmake" "${PROJECT_BINARY_DIR}/InterplayConfigVersion.cmake"
  DESTINATION "${cmake_dir}" COMPONENT product)

# The harness: each layer as an archive, and the sources that a target is compiled with, in folders as they are here.
get_property(layers GLOBAL PROPERTY INTERPLAY_LAYERS)
get_property(clients GLOBAL PROPERTY INTERPLAY_CLIENTS) # libraries of databases that layers link
install(TARGETS ${layers} ${clients}
  interplay_proto interplay_backends
  interplay_instrumentation interplay_language interplay_own_code interplay_coverage_stubs interplay_engine
  EXPORT InterplayHarness
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/interplay" COMPONENT harness
  OBJECTS DESTINATION "${CMAKE_INSTALL_LIBDIR}/interplay" COMPONENT harness)
install(EXPORT InterplayHarness DESTINATION "${cmake_dir}" COMPONENT harness)
install(FILES include/interplay/fuzz.h include/interplay/stack.h include/interplay/subject.h
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/interplay" COMPONENT harness)
install(FILES src/sim/posix.h src/sim/posix_calls.h DESTINATION ${shared_dir}/src/sim COMPONENT harness)
install(FILES cmake/Dependencies.cmake cmake/FuzzTarget.cmake cmake/Layer.cmake
  DESTINATION ${shared_dir}/cmake COMPONENT harness)
install(FILES "${PROJECT_BINARY_DIR}/generated/subjects.h" DESTINATION ${shared_dir}/generated COMPONENT harness)
foreach(document plan.schema.json plan-reference.md plan.proto output.schema.json profile.schema.json)
  install(FILES "${PROJECT_BINARY_DIR}/${document}" DESTINATION ${shared_dir} COMPONENT harness)
endforeach()
install(CODE "
  set(documents \"${PROJECT_BINARY_DIR}/documents\")
  file(MAKE_DIRECTORY \"\${documents}\")
  foreach(document \"interplay.1 help --man\" \"interplay.bash completion bash\" \"_interplay completion zsh\")
    separate_arguments(document)
    list(POP_FRONT document name)
    execute_process(COMMAND \"$<TARGET_FILE:interplay>\" \${document}
      OUTPUT_FILE \"\${documents}/\${name}\" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()" COMPONENT harness)
install(FILES "${PROJECT_BINARY_DIR}/documents/interplay.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT harness)
install(FILES "${PROJECT_BINARY_DIR}/documents/interplay.bash"
  DESTINATION share/bash-completion/completions RENAME interplay COMPONENT harness)
install(FILES "${PROJECT_BINARY_DIR}/documents/_interplay"
  DESTINATION share/zsh/site-functions COMPONENT harness)
install(TARGETS interplay RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT harness)

# cpack -G DEB (or TGZ): both components in one package; what it depends on is read from the command.
set(CPACK_PACKAGE_NAME interplay)
set(CPACK_PACKAGE_CONTACT "the maintainers of Interplay")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Fuzzing harness for SQL connection stacks, and a connection pool")
set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# To compile with what it installs: the pool is an archive on the system's SQLite, the harness wants its own libraries.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
  "libsqlite3-dev, libjansson-dev, libboost-context-dev, libprotobuf-c-dev, protobuf-c-compiler, cmake, ninja-build, clang")
include(CPack)
