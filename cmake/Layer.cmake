# interplay_layer(NAME name SOURCES a.c b.c DEPENDS base plan LIBRARIES interplay::jansson)
#
# One layer of the house as the static library interplay_<name>. DEPENDS names layers, LIBRARIES
# anything else to link. A layer without a source is an interface: it may hold headers only.
# What a layer may include is checked by tests/check_layers.py.
function(interplay_layer)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPENDS;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME)
    message(FATAL_ERROR "interplay_layer: NAME missing or unknown argument: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(target interplay_${arg_NAME})
  list(TRANSFORM arg_DEPENDS PREPEND interplay_)
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} interplay_own_code ${arg_DEPENDS} ${arg_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_LAYERS ${target})
endfunction()

# interplay_simulate(target)
#
# Compiles a library with simulated POSIX in front: its threads, locks, clocks and memory are the
# simulator's (src/sim/posix.h). Every source that shares a lock with it must be compiled so, too.
function(interplay_simulate target)
  target_compile_options(${target} PRIVATE -include "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../src/sim/posix.h")
  target_link_libraries(${target} PUBLIC interplay_sim)
endfunction()

# interplay_instrument(target)
#
# Makes a library part of what is under test: the engine sees which of its edges are taken.
function(interplay_instrument target)
  separate_arguments(flags UNIX_COMMAND "${INTERPLAY_COVERAGE_FLAGS}")
  target_compile_options(${target} PRIVATE ${flags})
  set_target_properties(${target} PROPERTIES INTERPLAY_INSTRUMENTED ON C_COMPILER_LAUNCHER "")
endfunction()

# interplay_program(NAME name SOURCES a.c LIBRARIES ... FOLDER sub)
#
# A program that has its own main(), no fuzzing engine. It is linked with the stubs that instrumented
# code (SQLite) calls where no engine and no sanitizer runtime answers.
function(interplay_program)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;FOLDER" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME OR NOT arg_SOURCES)
    message(FATAL_ERROR "interplay_program: NAME or SOURCES missing or unknown argument: "
      "${arg_UNPARSED_ARGUMENTS}")
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE
    interplay_own_code ${arg_LIBRARIES} interplay_coverage_stubs)
  if(arg_FOLDER)
    set_target_properties(${arg_NAME} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${arg_FOLDER}")
  endif()
endfunction()
