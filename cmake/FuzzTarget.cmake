# interplay_add_target(NAME fuzz_sqlite SOURCES fuzz_sqlite.c BACKEND sqlite)
#
# A fuzz target, driven by the engine of the preset. BACKEND names a folder of backends/; POOL lists the
# sources of a pool of one's own, which are compiled with simulated POSIX in front and instrumented;
# LIBRARIES may follow. WRAP names functions in front of which the linker puts the target's own
# __wrap_function (ld's --wrap). The targets themselves are listed in fuzz/targets.cmake and nowhere
# else. A project of somebody else's has the function by find_package(Interplay) or by FetchContent (docs/packaging.md).
#
#   CANARY fuzz_canary --canary=lost_commit snapshot
#
# is a bug that was planted to prove that this target finds some: the program, its option, and how the signature of the
# finding begins. QUIET is an option of the target without which it does find something. scripts/smoke looks at both.
function(interplay_add_target)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;BACKEND;QUIET" "SOURCES;POOL;WRAP;LIBRARIES;CANARY")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME OR NOT arg_SOURCES)
    message(FATAL_ERROR "interplay_add_target: NAME or SOURCES missing or unknown argument: "
      "${arg_UNPARSED_ARGUMENTS}")
  endif()
  list(LENGTH arg_CANARY words)
  if(arg_CANARY AND NOT words EQUAL 3)
    message(FATAL_ERROR "interplay_add_target: ${arg_NAME}: CANARY takes a program, its option and a signature")
  endif()
  if(arg_BACKEND)
    if(NOT TARGET interplay_backend_${arg_BACKEND})
      interplay_target_without_backend(${arg_NAME} ${arg_BACKEND})
      return()
    endif()
    list(APPEND arg_LIBRARIES interplay_backend_${arg_BACKEND})
  endif()
  if(arg_POOL)
    add_library(${arg_NAME}_pool STATIC ${arg_POOL})
    target_link_libraries(${arg_NAME}_pool PUBLIC interplay_own_code)
    interplay_simulate(${arg_NAME}_pool)
    interplay_instrument(${arg_NAME}_pool)
    list(PREPEND arg_LIBRARIES ${arg_NAME}_pool)
  endif()
  if(INTERPLAY_ENGINE STREQUAL "standalone")
    interplay_program(NAME ${arg_NAME}
      SOURCES ${arg_SOURCES} LIBRARIES interplay_engine interplay_fuzz ${arg_LIBRARIES})
  else()
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PRIVATE interplay_engine interplay_fuzz interplay_own_code ${arg_LIBRARIES})
    # Some drivers refer to it weakly, which takes nothing out of a library.
    target_link_options(${arg_NAME} PRIVATE LINKER:--undefined=LLVMFuzzerTestOneInput)
    if(INTERPLAY_ENGINE STREQUAL "external")
      interplay_link_external_engine(${arg_NAME})
    else()
      # afl-clang-fast takes this for its own driver.
      target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
    endif()
  endif()
  list(TRANSFORM arg_WRAP PREPEND "LINKER:--wrap=")
  target_link_options(${arg_NAME} PRIVATE ${arg_WRAP})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_FUZZ_TARGETS ${arg_NAME})
  list(JOIN arg_CANARY "\t" canary)
  set_property(GLOBAL APPEND_STRING PROPERTY INTERPLAY_FUZZ_TARGET_LINES "${arg_NAME}\t${arg_QUIET}\t${canary}\n")
endfunction()

# Of a backend that is turned off our own targets are left out; a project of somebody else's means what it says.
function(interplay_target_without_backend target backend)
  get_property(databases GLOBAL PROPERTY INTERPLAY_DATABASES)
  if(NOT PROJECT_NAME STREQUAL "interplay" OR NOT backend IN_LIST databases)
    message(FATAL_ERROR "interplay_add_target: ${target}: BACKEND ${backend}: there is no such backend, or it was turned off when "
      "Interplay was built")
  endif()
endfunction()

# Writes targets.txt into the build folder: what scripts/smoke reads. Call it when all targets have been added.
function(interplay_write_targets)
  get_property(lines GLOBAL PROPERTY INTERPLAY_FUZZ_TARGET_LINES)
  file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/targets.txt" CONTENT "${lines}")
endfunction()
