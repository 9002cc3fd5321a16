// A plugin whose author made a mistake that only shows when it is asked what it holds.
#include <stdexcept>

#include <racetrack/plugin.hpp>

RACETRACK_PLUGIN(registry) {
  static_cast<void>(registry);
  throw std::runtime_error("no subjects today");
}
