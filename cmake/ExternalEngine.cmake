# The engine that the environment names, as OSS-Fuzz's base-builder does: CC, CXX, CFLAGS and CXXFLAGS carry its
# instrumentation and the sanitizers, LIB_FUZZING_ENGINE what its driver is linked by (a library or an option).
#
#   INTERPLAY_ENGINE=external; LIB_FUZZING_ENGINE is read when CMake runs for the first time

enable_language(CXX) # engines are C++ programs, and bring a C++ library of their own
set(INTERPLAY_EXTERNAL_ENGINE "$ENV{LIB_FUZZING_ENGINE}" CACHE STRING
  "What links the external engine: a library, or options such as -fsanitize=fuzzer")
if(NOT INTERPLAY_EXTERNAL_ENGINE)
  message(FATAL_ERROR "The external engine needs the environment variable LIB_FUZZING_ENGINE "
    "(a library, or an option such as -fsanitize=fuzzer), as OSS-Fuzz sets it.")
endif()

function(interplay_link_external_engine target)
  separate_arguments(engine UNIX_COMMAND "${INTERPLAY_EXTERNAL_ENGINE}")
  target_link_libraries(${target} PRIVATE ${engine})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()
