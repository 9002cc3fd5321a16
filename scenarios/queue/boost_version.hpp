// The version of the installed Boost, for the subjects that use it.
#pragma once

#include <string>

#include <boost/version.hpp>

inline std::string boost_version() {
  return "boost " + std::to_string(BOOST_VERSION / 100'000) + "." + std::to_string(BOOST_VERSION / 100 % 1000);
}
