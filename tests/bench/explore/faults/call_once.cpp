// Two parts, each made once; the initialiser of each asks for the other.
#include <mutex>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
struct Parts {
  std::once_flag log_once;
  std::once_flag config_once;
  int log = 0;
  int config = 0;
};
}  // namespace
RACETRACK_EXPLORE(call_once_crosswise) {
  Parts parts;
  std::thread other([&] {
    std::call_once(parts.config_once, [&] {
      parts.config = 1;
      std::call_once(parts.log_once, [&] { parts.log = 2; });
    });
  });
  std::call_once(parts.log_once, [&] {
    parts.log = 1;
    std::call_once(parts.config_once, [&] { parts.config = 2; });
  });
  other.join();
}
RACETRACK_EXPLORE(call_once_one_way) {
  Parts parts;
  const auto config = [&] {
    std::call_once(parts.config_once, [&] { parts.config = 1; });
    return parts.config;
  };
  const auto log = [&] {
    std::call_once(parts.log_once, [&] { parts.log = config() + 1; });
    return parts.log;
  };
  std::thread other([&] { racetrack::check(config() == 1, "config is made"); });
  racetrack::check(log() == 2, "log is made");
  other.join();
}
// The first call throws; the next one does it again.
RACETRACK_EXPLORE(call_once_after_a_throw) {
  std::once_flag once;
  std::atomic<int> calls = 0;
  const auto make = [&] {
    try {
      std::call_once(once, [&] {
        if (++calls == 1) {
          throw 1;
        }
      });
    } catch (int) {
    }
  };
  std::thread other(make);
  make();
  other.join();
  make();
  racetrack::check(calls == 2, "made after one failure");
}
