# interplay_backend(name number [REMOTE [MORTAL]] [IF OPTION])
#
# One backend, REMOTE if it is spoken to over a network (sim/net.h): the folder backends/<name>, whose CMakeLists.txt makes the layer backend_<name>; plans in compact
# bytes name it by the number, 1 to 255, which is never reused. Where OPTION is off it is not built; its tables are there all the same, so that
# any bytes are the same plan in every build. What common code needs of all
# backends comes from these lines and nowhere else:
#   generated/backends.def       BACKEND(name) for each that is built
#   generated/subjects.h         declares interplay_subject_<name> of each that is built
#   generated/databases.def      DATABASE(number, name, is_remote, is_mortal) for each
#   generated/<table>.def        includes <name>/<name>_<table>.def of each that has one, where TABLE_DATABASE
#                                is DATABASE_<name>; the tables are below
#   generated/profiles.def       PROFILE(database, name, text) for each profile: src/generate/profiles/*.json of all
#                                databases (ALL), backends/<name>/profiles/*.json of one
#   interplay_backends           all of them as one library
#   generated/beside.def         BESIDE(symbol, "name") for each other version of one (interplay_beside)
set(interplay_backend_tables settings ops)

# Other versions of them, as one library; generated/beside.def has BESIDE(symbol, "name") for each.
add_library(interplay_beside INTERFACE)

# interplay_beside(NAME sqlite-3.54.1 BACKEND sqlite SOURCES a.c LIBRARY objects DEPENDS base sim)
#
# A backend once more, with another version of its library, in the same program: all of both in one object, in which
# every name is its own but that of the subject, interplay_subject_<backend>_beside.
function(interplay_beside)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;BACKEND;LIBRARY" "SOURCES;DEPENDS")
  set(symbol interplay_subject_${arg_BACKEND}_beside)
  set(target interplay_backend_${arg_BACKEND}_beside)
  set(objects ${target}_objects)
  add_library(${objects} OBJECT ${arg_SOURCES})
  list(TRANSFORM arg_DEPENDS PREPEND interplay_)
  target_link_libraries(${objects} PRIVATE interplay_own_code ${arg_LIBRARY} ${arg_DEPENDS})
  target_compile_definitions(${objects} PRIVATE interplay_subject_${arg_BACKEND}=${symbol})
  set(whole "${CMAKE_CURRENT_BINARY_DIR}/${target}.o")
  add_custom_command(OUTPUT "${whole}"
    COMMAND "${CMAKE_LINKER}" -r -o "${whole}.all" $<TARGET_OBJECTS:${objects}> $<TARGET_OBJECTS:${arg_LIBRARY}>
    COMMAND "${CMAKE_OBJCOPY}" --keep-global-symbol=${symbol} "${whole}.all" "${whole}"
    DEPENDS ${objects} ${arg_LIBRARY} $<TARGET_OBJECTS:${objects}> $<TARGET_OBJECTS:${arg_LIBRARY}>
    COMMAND_EXPAND_LISTS VERBATIM)
  add_library(${target} STATIC "${whole}")
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
  target_link_libraries(${target} PUBLIC ${arg_DEPENDS} Threads::Threads ${CMAKE_DL_LIBS} m)
  target_link_libraries(interplay_beside INTERFACE ${target})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_BESIDE ${symbol})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_BESIDE_ROWS "BESIDE(${symbol}, \"${arg_NAME}\")")
endfunction()

function(interplay_backend name number)
  cmake_parse_arguments(PARSE_ARGV 2 arg "REMOTE;MORTAL" "IF" "")
  string(TOLOWER "${arg_REMOTE}" is_remote)
  string(TOLOWER "${arg_MORTAL}" is_mortal)
  get_property(numbers GLOBAL PROPERTY INTERPLAY_BACKEND_NUMBERS)
  if(number IN_LIST numbers)
    message(FATAL_ERROR "backends/CMakeLists.txt: ${name} has number ${number}, which another backend has: the first byte "
      "of a plan that says which one it is for would be for both")
  endif()
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_BACKEND_NUMBERS ${number})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_DATABASES ${name})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_DATABASE_ROWS "DATABASE(${number}, ${name}, ${is_remote}, ${is_mortal})")
  if(arg_IF AND NOT ${arg_IF})
    return()
  endif()
  add_subdirectory(${name})
  target_link_libraries(interplay_backends INTERFACE interplay_backend_${name})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_BACKENDS ${name})
endfunction()

add_library(interplay_backends INTERFACE)

# Appends a row MACRO(first "name", "text") for each file that the pattern names; `first` ends in a comma, or is empty.
function(interplay_text_rows variable macro first pattern)
  file(GLOB files CONFIGURE_DEPENDS "${pattern}")
  set(found "${${variable}}")
  foreach(file ${files})
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    cmake_path(GET file STEM name)
    file(READ "${file}" text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n  \"" text "${text}")
    string(APPEND found "${macro}(${first}\"${name}\",\n  \"${text}\")\n")
  endforeach()
  set(${variable} "${found}" PARENT_SCOPE)
endfunction()

# After the last backend. A file that would stay the same is left alone, so that configuring again builds nothing anew.
function(interplay_write_backend_tables)
  set(made_by "/* Made by cmake/Backend.cmake. */\n")
  get_property(backends GLOBAL PROPERTY INTERPLAY_BACKENDS)
  set(rows "")
  set(declarations "#include <interplay/subject.h>\n\n")
  foreach(backend ${backends})
    string(APPEND rows "BACKEND(${backend})\n")
    string(APPEND declarations "extern const struct subject interplay_subject_${backend};\n")
  endforeach()
  get_property(beside GLOBAL PROPERTY INTERPLAY_BESIDE)
  foreach(symbol ${beside})
    string(APPEND declarations "extern const struct subject ${symbol};\n")
  endforeach()
  get_property(rows_beside GLOBAL PROPERTY INTERPLAY_BESIDE_ROWS)
  list(JOIN rows_beside "\n" rows_beside)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/beside.def" CONTENT "${made_by}${rows_beside}\n")
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/backends.def" CONTENT "${made_by}${rows}")
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/subjects.h" CONTENT
    "${made_by}#ifndef GENERATED_SUBJECTS_H\n#define GENERATED_SUBJECTS_H\n\n${declarations}\n#endif\n")
  get_property(databases GLOBAL PROPERTY INTERPLAY_DATABASES)
  get_property(rows GLOBAL PROPERTY INTERPLAY_DATABASE_ROWS)
  list(JOIN rows "\n" rows)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/databases.def" CONTENT "${made_by}${rows}\n")
  set(rows "")
  interplay_text_rows(rows PROFILE "ALL, " "${PROJECT_SOURCE_DIR}/src/generate/profiles/*.json")
  foreach(backend ${databases})
    interplay_text_rows(rows PROFILE "${backend}, " "${PROJECT_SOURCE_DIR}/backends/${backend}/profiles/*.json")
  endforeach()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/profiles.def" CONTENT "${made_by}${rows}")
  foreach(table ${interplay_backend_tables})
    set(includes "")
    foreach(backend ${databases})
      # The glob, not a test for the file: adding it to a folder makes CMake run again.
      file(GLOB found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/backends/${backend}/${backend}_${table}.def")
      if(found)
        string(APPEND includes
          "#define TABLE_DATABASE DATABASE_${backend}\n#include \"${backend}/${backend}_${table}.def\"\n"
          "#undef TABLE_DATABASE\n")
      endif()
    endforeach()
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/${table}.def" CONTENT "${made_by}${includes}")
  endforeach()
endfunction()
