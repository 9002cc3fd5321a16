# racetrack_add_plugin(name source... [LIBRARIES target...] [FLAVOURS flavour...])
#
# Builds a plugin: a module that `racetrack` loads. In this tree it has the tree's flavour and the name name.so.
# Outside, it is built as release under the name name.so, and again as name.FLAVOUR.so for every flavour in FLAVOURS,
# because some engines need another build in the same folder.

function(racetrack_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LIBRARIES;FLAVOURS")
  if(NOT ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "racetrack_add_plugin(${name}): name its sources")
  endif()
  if(RACETRACK_FLAVOUR)
    racetrack_add_plugin_flavour(${name} ${name} ${RACETRACK_FLAVOUR})
  else()
    racetrack_add_plugin_flavour(${name} ${name} release)
    foreach(flavour IN LISTS ARG_FLAVOURS)
      if(NOT flavour STREQUAL "release")
        racetrack_add_plugin_flavour(${name}.${flavour} ${name}.${flavour} ${flavour})
      endif()
    endforeach()
  endif()
endfunction()

macro(racetrack_add_plugin_flavour target file flavour)
  add_library(${target} MODULE ${ARG_UNPARSED_ARGUMENTS})
  racetrack_flavour_options(plugin_compile plugin_link ${flavour})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE ${plugin_compile} ${RACETRACK_WARNINGS})
  target_link_options(${target} PRIVATE ${plugin_link})
  target_link_libraries(${target} PRIVATE racetrack::headers ${ARG_LIBRARIES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${file} SUFFIX ".so" CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
endmacro()
