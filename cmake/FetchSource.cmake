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
