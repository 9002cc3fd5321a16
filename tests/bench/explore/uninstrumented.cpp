// For test_exploration.py: built without -fsanitize=thread, so that the explorer cannot control its steps.
#include <racetrack/explore.hpp>

RACETRACK_EXPLORE(sees_nothing) { racetrack::check(true, "nothing is wrong"); }
