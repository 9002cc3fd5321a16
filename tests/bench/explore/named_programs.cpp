// A test whose name and message are those of the environment: what a user's program may have.
#include <cstdlib>

#include <racetrack/explore.hpp>

namespace {

const char* variable(const char* name, const char* otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : text;
}

void fail_with_message() { racetrack::check(false, variable("TEST_MESSAGE", "holds")); }

const bool kAdded = [] {
  racetrack_explore_add(variable("TEST_NAME", "named"), fail_with_message);
  return true;
}();

}  // namespace
