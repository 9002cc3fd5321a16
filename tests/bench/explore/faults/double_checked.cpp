// Lazy initialisation: the flag is set before the table is filled.
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
std::atomic<bool> table_ready = false;
std::mutex table_mutex;
std::array<std::atomic<int>, 4> squares;
template <bool kFlagLast>
int square(int number) {
  if (!table_ready.load(std::memory_order_acquire)) {
    const std::lock_guard lock(table_mutex);
    if (!table_ready.load(std::memory_order_relaxed)) {
      if (!kFlagLast) {
        table_ready.store(true, std::memory_order_release);
      }
      for (int entry = 0; entry < 4; ++entry) {
        squares[static_cast<std::size_t>(entry)].store(entry * entry, std::memory_order_relaxed);
      }
      if (kFlagLast) {
        table_ready.store(true, std::memory_order_release);
      }
    }
  }
  return squares[static_cast<std::size_t>(number)].load(std::memory_order_relaxed);
}
int* plain_instance = nullptr;
std::mutex plain_mutex;
int& plain_singleton() {
  if (plain_instance == nullptr) {
    const std::lock_guard lock(plain_mutex);
    if (plain_instance == nullptr) {
      plain_instance = new int(5);
    }
  }
  return *plain_instance;
}
}  // namespace
RACETRACK_EXPLORE(flag_before_table) {
  std::thread other([] { racetrack::check(square<false>(3) == 9, "the table is filled"); });
  racetrack::check(square<false>(2) == 4, "the table is filled");
  other.join();
}
RACETRACK_EXPLORE(flag_after_table) {
  std::thread other([] { racetrack::check(square<true>(3) == 9, "the table is filled"); });
  racetrack::check(square<true>(2) == 4, "the table is filled");
  other.join();
}
RACETRACK_EXPLORE(singleton_plain_pointer) {
  std::thread other([] { racetrack::check(plain_singleton() == 5, "made"); });
  racetrack::check(plain_singleton() == 5, "made");
  other.join();
  delete plain_instance;
}
RACETRACK_EXPLORE(singleton_static_local) {
  const auto instance = [] {
    static const auto made = std::make_unique<int>(5);
    return *made;
  };
  std::thread other([&] { racetrack::check(instance() == 5, "made"); });
  racetrack::check(instance() == 5, "made");
  other.join();
}
