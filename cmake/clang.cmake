# Toolchain of the presets with libFuzzer: the newest clang (14 or later) that has its runtime
# libraries. A clang without them (Debian packages them apart: libclang-rt-NN-dev) is passed over.
#
# `cmake -P cmake/clang.cmake` prints the compiler found, or fails; scripts/install-dependencies asks so.
# -DCMAKE_C_COMPILER=... on the command line wins.

# Sets ret_usable to TRUE if `compiler` is clang >= 14 and can link -fsanitize=fuzzer,address.
function(interplay_clang_usable compiler ret_usable)
  set(${ret_usable} FALSE PARENT_SCOPE)
  execute_process(COMMAND "${compiler}" -dumpversion
    OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND "${compiler}" -print-resource-dir
    OUTPUT_VARIABLE resources OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT version MATCHES "^[0-9]+" OR version VERSION_LESS 14 OR NOT IS_DIRECTORY "${resources}")
    return()
  endif()
  file(GLOB fuzzer "${resources}/lib/*/libclang_rt.fuzzer*.a")
  file(GLOB asan "${resources}/lib/*/libclang_rt.asan*.a")
  if(fuzzer AND asan)
    set(${ret_usable} TRUE PARENT_SCOPE)
  endif()
endfunction()

if(NOT CMAKE_C_COMPILER)
  foreach(interplay_version RANGE 29 13 -1)
    set(interplay_name "clang-${interplay_version}")
    if(interplay_version EQUAL 13)
      set(interplay_name "clang") # the unversioned one: last, it is rarely the newest
    endif()
    find_program(interplay_clang NAMES ${interplay_name} NO_CACHE)
    if(interplay_clang)
      interplay_clang_usable("${interplay_clang}" interplay_usable)
      if(interplay_usable)
        set(CMAKE_C_COMPILER "${interplay_clang}")
        break()
      endif()
    endif()
    unset(interplay_clang)
  endforeach()
  if(NOT CMAKE_C_COMPILER)
    message(FATAL_ERROR "No clang >= 14 with libFuzzer and ASan runtimes was found. "
      "scripts/install-dependencies installs one on Debian and Ubuntu.")
  endif()
endif()

if(CMAKE_SCRIPT_MODE_FILE)
  message(STATUS "${CMAKE_C_COMPILER}")
endif()
