# racetrack_add_exploration(target source... [LIBRARIES target...])
#
# A program of tests written with <racetrack/explore.hpp>: its sources are instrumented, its main and what the instrumentation calls are the
# explorer's. Works in every flavour but those of another sanitizer. Where LIBRARIES names GoogleTest, its tests are tests of the program.

function(racetrack_add_exploration target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LIBRARIES")
  if(NOT ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "racetrack_add_exploration(${target}): name its sources")
  endif()
  add_executable(${target} ${ARG_UNPARSED_ARGUMENTS})
  racetrack_flavour_options(exploration_compile exploration_link explore)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE ${exploration_compile} ${RACETRACK_WARNINGS})
  target_link_libraries(${target} PRIVATE racetrack::headers racetrack::exploration ${ARG_LIBRARIES})
  # The link language is C++ also where all sources are C.
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  if(ARG_LIBRARIES MATCHES "GTest::|gtest|gmock")
    set(glue ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../explore/standalone/googletest.cpp)
    if(NOT EXISTS ${glue})  # installed: next to this file
      set(glue ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/googletest.cpp)
    endif()
    target_sources(${target} PRIVATE ${glue})
    set_source_files_properties(${glue} PROPERTIES COMPILE_OPTIONS "-fno-sanitize=thread;-w")
  endif()
  racetrack_link_explorer(${target})
endfunction()

# racetrack_instrument(target)
#
# A library, static or shared, that programs of tests link: its sources are instrumented, so that the explorer sees what they do. The target can then
# be linked only to such programs.
function(racetrack_instrument target)
  racetrack_flavour_options(exploration_compile exploration_link explore)
  target_compile_options(${target} PRIVATE ${exploration_compile})
endfunction()

# All of the runtime, and exported: its functions stand in front of libc's for the libraries too. Bound at once: tables of functions that
# are bound on their first call would be put back with the variables.
function(racetrack_link_explorer target)
  target_link_options(${target} PRIVATE -rdynamic LINKER:-z,now
    "LINKER:--whole-archive,$<TARGET_FILE:racetrack::explore_runtime>,--no-whole-archive")
  target_link_libraries(${target} PRIVATE racetrack::explore_runtime)
endfunction()
