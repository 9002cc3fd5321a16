#include "load/memory.hpp"

#include <fstream>
#include <string>

namespace racetrack::load {

Memory read_memory() {
  Memory memory;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("VmRSS:") && !line.starts_with("VmHWM:")) continue;
    const std::uint64_t kibibytes = std::stoull(line.substr(6));
    (line[2] == 'R' ? memory.resident : memory.peak) = kibibytes * 1024;
  }
  return memory;
}

void reset_peak_memory() {
  // proc(5): writing 5 to clear_refs resets VmHWM to the current size. (ru_maxrss of getrusage would include the
  // parent's size at the fork.)
  std::ofstream("/proc/self/clear_refs") << 5;
}

}  // namespace racetrack::load
