// Name and version of the standard library.
#pragma once

#include <string>
#include <version>

namespace racetrack {

/// Returns the library trait of subjects that use only the standard library.
inline std::string standard_library() {
#if defined(_GLIBCXX_RELEASE)
  return "libstdc++ " + std::to_string(_GLIBCXX_RELEASE);
#elif defined(_LIBCPP_VERSION)
  return "libc++ " + std::to_string(_LIBCPP_VERSION);
#else
  return "standard library";
#endif
}

}  // namespace racetrack
