# Generates headers with facts that only the build knows: the flags at configuration, the commit at every build.
set(RACETRACK_FACTS_DIR ${PROJECT_BINARY_DIR}/facts)
string(REPLACE ";" " " flags_text "${harness_compile}")
string(REPLACE "\"" "" flags_text "${flags_text}")
file(RELATIVE_PATH plugins_from_bin "/prefix/${CMAKE_INSTALL_BINDIR}" "/prefix/${CMAKE_INSTALL_LIBDIR}/racetrack/plugins")
file(CONFIGURE OUTPUT ${RACETRACK_FACTS_DIR}/racetrack_build_flags.hpp CONTENT [[
#pragma once
#define RACETRACK_VERSION "@PROJECT_VERSION@"
#define RACETRACK_FLAGS "@flags_text@"
#define RACETRACK_PLUGINS_FROM_BIN "@plugins_from_bin@"
#define RACETRACK_BENCHMARK_VERSION "@benchmark_VERSION@"
#define RACETRACK_HWLOC_VERSION "@HWLOC_VERSION@"
]] @ONLY)

add_custom_target(racetrack_commit
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUTPUT=${RACETRACK_FACTS_DIR}/racetrack_build_commit.hpp
          -P ${CMAKE_CURRENT_LIST_DIR}/WriteCommit.cmake
  BYPRODUCTS ${RACETRACK_FACTS_DIR}/racetrack_build_commit.hpp
  COMMENT "" VERBATIM)
