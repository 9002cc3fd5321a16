// Addresses of this process as places in files, functions and source lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "symbols/symboliser.hpp"

namespace racetrack::explore {

struct FilePlace {
  std::string module;  ///< path of the file; empty when no file contains the address
  std::uint64_t offset = 0;
};

/// Converts an address of this process to an offset in the file that it was loaded from.
FilePlace in_file(std::uintptr_t address);

/// The innermost place outside the standard library. A header of another library may be the code under test.
symbols::SourcePlace place_among(const std::vector<symbols::SourcePlace>& places);

/// "two_locks.cpp"; for an installed header "boost/lockfree/queue.hpp".
std::string short_name(const std::string& file);

/// Describes an instruction: "f(int) at two_locks.cpp:12"; without debug information "f(int) in libf.so" or "libf.so";
/// empty when no file contains the address. Runs addr2line, so it must not be called while the subject runs.
std::string describe_code(std::uintptr_t address);

}  // namespace racetrack::explore
