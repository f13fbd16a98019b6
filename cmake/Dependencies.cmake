# System libraries as imported targets: interplay::jansson, interplay::protobuf-c,
# interplay::boost_context, interplay::cmocka.

function(interplay_find_dependency)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;HEADER;PACKAGE" "")
  find_library(INTERPLAY_${arg_NAME}_LIBRARY NAMES ${arg_NAME})
  find_path(INTERPLAY_${arg_NAME}_INCLUDE NAMES ${arg_HEADER})
  if(NOT INTERPLAY_${arg_NAME}_LIBRARY OR NOT INTERPLAY_${arg_NAME}_INCLUDE)
    message(FATAL_ERROR "${arg_NAME} was not found. Debian and Ubuntu have it in the package "
      "${arg_PACKAGE}; scripts/install-dependencies installs everything.")
  endif()
  mark_as_advanced(INTERPLAY_${arg_NAME}_LIBRARY INTERPLAY_${arg_NAME}_INCLUDE)
  add_library(interplay::${arg_NAME} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(interplay::${arg_NAME} PROPERTIES
    IMPORTED_LOCATION "${INTERPLAY_${arg_NAME}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${INTERPLAY_${arg_NAME}_INCLUDE}")
endfunction()

# What OSS-Fuzz builds runs on machines without these libraries.
if(INTERPLAY_ENGINE STREQUAL "external")
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
interplay_find_dependency(NAME jansson HEADER jansson.h PACKAGE libjansson-dev)
interplay_find_dependency(NAME protobuf-c HEADER protobuf-c/protobuf-c.h PACKAGE libprotobuf-c-dev)
find_program(INTERPLAY_PROTOC_C protoc-c)
if(NOT INTERPLAY_PROTOC_C)
  message(FATAL_ERROR "protoc-c was not found. Debian and Ubuntu have it in the package "
    "protobuf-c-compiler; scripts/install-dependencies installs everything.")
endif()
mark_as_advanced(INTERPLAY_PROTOC_C)
# Only its C ABI (make_fcontext, jump_fcontext, ontop_fcontext) is used; the header is C++.
interplay_find_dependency(NAME boost_context HEADER boost/version.hpp PACKAGE libboost-context-dev)
if(INTERPLAY_HAS_TESTS)
  interplay_find_dependency(NAME cmocka HEADER cmocka.h PACKAGE libcmocka-dev)
endif()
