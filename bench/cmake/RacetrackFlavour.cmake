# racetrack_flavour_options(VAR_COMPILE VAR_LINK flavour) sets two lists: the compile and link options of a flavour.
#
# Plugins of every flavour are compiled for the machine's baseline (no -march=native), so that a plugin runs on every
# machine of the architecture.

function(racetrack_flavour_options compile link flavour)
  # Stacks need only line tables and function names; full debug information costs a quarter of the build.
  set(debug_information -g1)
  if(flavour STREQUAL "debug")
    set(debug_information -g)
  endif()
  set(common ${debug_information} -fno-omit-frame-pointer -DRACETRACK_FLAVOUR="${flavour}")
  if(RACETRACK_MONOTONIC_CLOCK)
    list(APPEND common -DRACETRACK_MONOTONIC_CLOCK)
  endif()
  if(flavour STREQUAL "release")
    set(${compile} ${common} -O2 PARENT_SCOPE)
    set(${link} "" PARENT_SCOPE)
  elseif(flavour STREQUAL "debug")
    set(${compile} ${common} -O0 -D_GLIBCXX_ASSERTIONS PARENT_SCOPE)
    set(${link} "" PARENT_SCOPE)
  elseif(flavour STREQUAL "tsan")
    # GCC warns that fences are not modelled; the trait `fences` reports the same next to a verdict.
    set(tsan -O1 -fsanitize=thread)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # GCC's inline expansion of memcpy is neither instrumented nor visible to the runtime library, so keep the call.
      list(APPEND tsan -Wno-tsan -fno-builtin-memcpy -fno-builtin-memmove -fno-builtin-memset)
    endif()
    set(${compile} ${common} ${tsan} PARENT_SCOPE)
    set(${link} -fsanitize=thread PARENT_SCOPE)
  elseif(flavour STREQUAL "explore")
    # Instrumented, but linked without libtsan: the explorer, in the executable, provides the callbacks of the
    # instrumentation.
    set(explore -O1 -fsanitize=thread -DRACETRACK_EXPLORED)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      list(APPEND explore -Wno-tsan -fno-builtin-memcpy -fno-builtin-memmove -fno-builtin-memset)  # as for tsan
    endif()
    set(${compile} ${common} ${explore} PARENT_SCOPE)
    set(${link} "" PARENT_SCOPE)
  elseif(flavour STREQUAL "asan")
    set(${compile} ${common} -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined PARENT_SCOPE)
    set(${link} -fsanitize=address,undefined PARENT_SCOPE)
  else()
    message(FATAL_ERROR "RACETRACK_FLAVOUR is '${flavour}': choose release, debug, tsan, asan or explore")
  endif()
endfunction()

# The same for the harness's own code, which the explorer must not observe.
function(racetrack_harness_options compile link flavour)
  racetrack_flavour_options(harness_compile_ harness_link_ ${flavour})
  if(flavour STREQUAL "explore")
    list(REMOVE_ITEM harness_compile_ -fsanitize=thread -Wno-tsan)
    list(APPEND harness_link_ -rdynamic)
  endif()
  set(${compile} ${harness_compile_} PARENT_SCOPE)
  set(${link} ${harness_link_} PARENT_SCOPE)
endfunction()

set(RACETRACK_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(RACETRACK_WARNINGS_AS_ERRORS)
  list(APPEND RACETRACK_WARNINGS -Werror)
endif()
