// A table under a std::shared_mutex: looked up under the shared lock, inserted under the exclusive one, without a
// second lookup in between.
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include <racetrack/explore.hpp>

namespace {
struct Counter {
  std::atomic<int> hits = 0;
};
template <bool kLooksAgain>
class Counters {
 public:
  Counter& of(int key) {
    {
      const std::shared_lock reading(mutex_);
      if (const auto found = counters_.find(key); found != counters_.end()) {
        return *found->second;
      }
    }
    const std::unique_lock writing(mutex_);
    if constexpr (kLooksAgain) {
      auto& place = counters_[key];
      if (!place) {
        place = std::make_unique<Counter>();
      }
      return *place;
    } else {
      auto made = std::make_unique<Counter>();
      Counter& counter = *made;
      counters_[key] = std::move(made);
      return counter;
    }
  }

 private:
  std::shared_mutex mutex_;
  std::map<int, std::unique_ptr<Counter>> counters_;
};
template <bool kLooksAgain>
void run() {
  Counters<kLooksAgain> counters;
  std::vector<std::thread> clients;
  for (int client = 0; client < 2; ++client) {
    clients.emplace_back([&] {
      ++counters.of(1).hits;
      ++counters.of(2).hits;
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  racetrack::check(counters.of(1).hits == 2 && counters.of(2).hits == 2, "every hit is counted");
}
}  // namespace
RACETRACK_EXPLORE(insert_without_second_lookup) { run<false>(); }
RACETRACK_EXPLORE(insert_after_second_lookup) { run<true>(); }
