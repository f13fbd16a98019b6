# Toolchain of the preset afl: afl-clang-fast of AFL++ 4 or newer, with the libraries that it links.
#
# `cmake -P cmake/afl.cmake` prints the compiler found, or fails.
# -DCMAKE_C_COMPILER=... on the command line wins.

# Sets ret_problem to what is wrong with `compiler`, to nothing if it makes a persistent target.
function(interplay_afl_problem compiler ret_problem)
  execute_process(COMMAND mktemp -d OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE)
  file(WRITE "${folder}/target.c" "int LLVMFuzzerTestOneInput(const char *bytes, unsigned long size)
    { return size > 0 && bytes[0] == 'x' ? -1 : 0; }\n")
  execute_process(COMMAND "${compiler}" -fsanitize=fuzzer target.c -o target
    WORKING_DIRECTORY "${folder}" RESULT_VARIABLE failed ERROR_VARIABLE output OUTPUT_VARIABLE output)
  set(problem "")
  if(failed)
    set(problem "cannot make a target with -fsanitize=fuzzer:\n${output}")
  else()
    # Older ones, and those without LLVM, do not link their driver but take the option for libFuzzer's.
    file(STRINGS "${folder}/target" driver REGEX "##SIG_AFL_PERSISTENT##")
    if(NOT driver)
      set(problem "makes targets without persistent mode: AFL++ 4 with LLVM is needed")
    endif()
  endif()
  file(REMOVE_RECURSE "${folder}")
  set(${ret_problem} "${problem}" PARENT_SCOPE)
endfunction()

if(NOT CMAKE_C_COMPILER)
  find_program(interplay_afl NAMES afl-clang-fast NO_CACHE)
  if(NOT interplay_afl)
    message(FATAL_ERROR "No afl-clang-fast was found. "
      "scripts/install-dependencies afl installs AFL++ on Debian and Ubuntu.")
  endif()
  interplay_afl_problem("${interplay_afl}" interplay_problem)
  if(interplay_problem)
    message(FATAL_ERROR "${interplay_afl} ${interplay_problem}")
  endif()
  set(CMAKE_C_COMPILER "${interplay_afl}")
endif()

if(CMAKE_SCRIPT_MODE_FILE)
  message(STATUS "${CMAKE_C_COMPILER}")
endif()
