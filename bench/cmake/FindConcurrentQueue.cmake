# moodycamel's queues as the target concurrentqueue::concurrentqueue: Debian 12 installs the headers into concurrentqueue/,
# Debian 13 and the library's own installation into concurrentqueue/moodycamel/. Include them without a folder.
find_path(ConcurrentQueue_INCLUDE_DIR blockingconcurrentqueue.h PATH_SUFFIXES concurrentqueue/moodycamel concurrentqueue)
mark_as_advanced(ConcurrentQueue_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ConcurrentQueue REQUIRED_VARS ConcurrentQueue_INCLUDE_DIR)

if(ConcurrentQueue_FOUND AND NOT TARGET concurrentqueue::concurrentqueue)
  add_library(concurrentqueue::concurrentqueue INTERFACE IMPORTED)
  target_include_directories(concurrentqueue::concurrentqueue SYSTEM INTERFACE ${ConcurrentQueue_INCLUDE_DIR})
endif()
