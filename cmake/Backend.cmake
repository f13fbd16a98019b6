# interplay_backend(name number)
#
# One backend: the folder backends/<name>, whose CMakeLists.txt makes the layer backend_<name>; plans in compact
# bytes name it by the number, 1 to 255, which is never reused. What common code needs of all
# backends comes from these lines and nowhere else:
#   generated/backends.def       BACKEND(name) for each
#   generated/subjects.h         declares interplay_subject_<name> of each
#   generated/databases.def      DATABASE(number, name) for each
#   generated/<table>.def        includes <name>/<name>_<table>.def of each that has one, where TABLE_DATABASE
#                                is DATABASE_<name>; the tables are below
#   generated/profiles.def       PROFILE(database, name, text) for each profile: src/generate/profiles/*.json of all
#                                databases (ALL), backends/<name>/profiles/*.json of one
#   interplay_backends           all of them as one library
set(interplay_backend_tables settings ops)

function(interplay_backend name number)
  add_subdirectory(${name})
  target_link_libraries(interplay_backends INTERFACE interplay_backend_${name})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_BACKENDS ${name})
  set_property(GLOBAL APPEND PROPERTY INTERPLAY_DATABASES "DATABASE(${number}, ${name})")
endfunction()

add_library(interplay_backends INTERFACE)

# Appends the rows of the profiles in this folder to the variable.
function(interplay_profile_rows variable folder database)
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/profiles/*.json")
  set(found "${${variable}}")
  foreach(file ${files})
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    cmake_path(GET file STEM name)
    file(READ "${file}" text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n  \"" text "${text}")
    string(APPEND found "PROFILE(${database}, \"${name}\",\n  \"${text}\")\n")
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
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/backends.def" CONTENT "${made_by}${rows}")
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/subjects.h" CONTENT
    "${made_by}#ifndef GENERATED_SUBJECTS_H\n#define GENERATED_SUBJECTS_H\n\n${declarations}\n#endif\n")
  get_property(databases GLOBAL PROPERTY INTERPLAY_DATABASES)
  list(JOIN databases "\n" rows)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/databases.def" CONTENT "${made_by}${rows}\n")
  set(rows "")
  interplay_profile_rows(rows src/generate ALL)
  foreach(backend ${backends})
    interplay_profile_rows(rows backends/${backend} ${backend})
  endforeach()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/profiles.def" CONTENT "${made_by}${rows}")
  foreach(table ${interplay_backend_tables})
    set(includes "")
    foreach(backend ${backends})
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
