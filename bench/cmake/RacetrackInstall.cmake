# Installs the executable, its plugins, the headers, the libraries for explored programs, and the CMake package with
# racetrack_add_plugin() and racetrack_add_exploration().
include(CMakePackageConfigHelpers)
set(racetrack_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/racetrack)

install(TARGETS racetrack RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/racetrack DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS racetrack_headers racetrack_symbols racetrack_text racetrack_explore_runtime racetrack_exploration EXPORT racetrack-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/racetrack)
install(EXPORT racetrack-targets NAMESPACE racetrack:: DESTINATION ${racetrack_cmake_dir})
configure_package_config_file(${CMAKE_CURRENT_SOURCE_DIR}/cmake/racetrack-config.cmake.in
  ${PROJECT_BINARY_DIR}/racetrack-config.cmake INSTALL_DESTINATION ${racetrack_cmake_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/racetrack-config-version.cmake COMPATIBILITY ExactVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/racetrack-config.cmake
  ${PROJECT_BINARY_DIR}/racetrack-config-version.cmake
  ${CMAKE_CURRENT_SOURCE_DIR}/cmake/RacetrackFlavour.cmake
  ${CMAKE_CURRENT_SOURCE_DIR}/cmake/RacetrackPlugin.cmake
  ${CMAKE_CURRENT_SOURCE_DIR}/cmake/RacetrackExploration.cmake
  ${CMAKE_CURRENT_SOURCE_DIR}/explore/standalone/googletest.cpp
  DESTINATION ${racetrack_cmake_dir})
# Subjects that this build lacks, so that an installed racetrack and its reports can name them too.
install(FILES ${PROJECT_BINARY_DIR}/plugins/left_out.tsv DESTINATION ${CMAKE_INSTALL_LIBDIR}/racetrack/plugins)
