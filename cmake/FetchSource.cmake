# interplay_fetch_source(variable given script otherwise): the folder `given`, or if that is empty the one that the script
# of scripts/ prints; when it fails, `otherwise` says what else can be done.
function(interplay_fetch_source variable given script otherwise)
  if(NOT given)
    execute_process(COMMAND "${PROJECT_SOURCE_DIR}/scripts/${script}"
      OUTPUT_VARIABLE given OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR "scripts/${script} failed (above). ${otherwise}")
    endif()
  endif()
  set(${variable} "${given}" PARENT_SCOPE)
endfunction()

# interplay_source_version(variable header macro): the version that it defines, a text.
function(interplay_source_version variable header macro)
  file(STRINGS "${header}" line REGEX "^#define ${macro} +\"")
  string(REGEX MATCH "[0-9][0-9.]*" version "${line}")
  set(${variable} "${version}" PARENT_SCOPE)
endfunction()

# interplay_compile_cached(target...): compiled once for a compiler and flags, whatever the preset and the clone.
function(interplay_compile_cached)
  set_target_properties(${ARGN} PROPERTIES C_COMPILER_LAUNCHER "${PROJECT_SOURCE_DIR}/cmake/compile-cached")
endfunction()
