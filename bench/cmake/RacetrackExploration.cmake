# racetrack_add_exploration(target source... [LIBRARIES target...])
#
# Defines a program of tests written with <racetrack/explore.hpp>. Its sources are instrumented; its main function and
# the callbacks of the instrumentation are the explorer's. Works in every flavour except those of another sanitizer.
# Where LIBRARIES names GoogleTest, GoogleTest's tests become tests of the program.

function(racetrack_add_exploration target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LIBRARIES")
  if(NOT ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "racetrack_add_exploration(${target}): name its sources")
  endif()
  if(NOT RACETRACK_FLAVOUR AND NOT TARGET PkgConfig::RE2)  # an installed package: the tree itself requires RE2
    message(FATAL_ERROR "racetrack_add_exploration(${target}): RE2 was not found; install pkg-config and libre2-dev")
  endif()
  add_executable(${target} ${ARG_UNPARSED_ARGUMENTS})
  racetrack_flavour_options(exploration_compile exploration_link explore)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE ${exploration_compile} ${RACETRACK_WARNINGS})
  target_link_libraries(${target} PRIVATE racetrack::headers racetrack::exploration ${ARG_LIBRARIES})
  # The link language is C++ even when all sources are C.
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
# Instruments a static or shared library that programs of tests link, so that the explorer observes its accesses. Only
# such programs can link the target then.
function(racetrack_instrument target)
  racetrack_flavour_options(exploration_compile exploration_link explore)
  target_compile_options(${target} PRIVATE ${exploration_compile})
endfunction()

# Links all of the runtime and exports it, so that its functions override libc's for libraries too. Binds all symbols at
# start: tables of functions that are bound on their first call would be restored together with the variables.
function(racetrack_link_explorer target)
  target_link_options(${target} PRIVATE -rdynamic LINKER:-z,now
    "LINKER:--whole-archive,$<TARGET_FILE:racetrack::explore_runtime>,--no-whole-archive")
  target_link_libraries(${target} PRIVATE racetrack::explore_runtime)
endfunction()
