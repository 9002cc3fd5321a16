// A plugin whose fault shows only when the harness asks for its scenarios.
#include <stdexcept>

#include <racetrack/plugin.hpp>

RACETRACK_PLUGIN(registry) {
  static_cast<void>(registry);
  throw std::runtime_error("no subjects today");
}
