// A configuration behind a shared_ptr: replaced by one thread while others copy it.
#include <memory>
#include <thread>
#include <vector>

#include <racetrack/explore.hpp>

namespace {
struct Config {
  int low;
  int high;
};
std::shared_ptr<const Config> current_config;
}  // namespace
RACETRACK_EXPLORE(config_plain_shared_ptr) {
  current_config = std::make_shared<const Config>(Config{1, 1});
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([] {
      const std::shared_ptr<const Config> mine = current_config;
      racetrack::check(mine->low == mine->high, "one configuration is read");
    });
  }
  current_config = std::make_shared<const Config>(Config{2, 2});
  for (std::thread& reader : readers) {
    reader.join();
  }
}
RACETRACK_EXPLORE(config_atomic_shared_ptr) {
  std::atomic_store(&current_config, std::make_shared<const Config>(Config{1, 1}));
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([] {
      const std::shared_ptr<const Config> mine = std::atomic_load(&current_config);
      racetrack::check(mine->low == mine->high, "one configuration is read");
    });
  }
  std::atomic_store(&current_config, std::make_shared<const Config>(Config{2, 2}));
  for (std::thread& reader : readers) {
    reader.join();
  }
}
