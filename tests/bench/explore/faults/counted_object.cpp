// A reader reads the pointer and then increments the count: in between the object may be freed. Under a lock both are
// one step.
#include <atomic>
#include <mutex>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
struct Object {
  std::atomic<int> owners = 1;
  int payload = 9;
  void release() {
    if (owners.fetch_sub(1) == 1) {
      delete this;
    }
  }
};
struct Slot {
  std::atomic<Object*> object = new Object;
  std::mutex mutex;
};
template <bool kLocked>
void run() {
  Slot slot;
  std::thread reader([&] {
    Object* mine = nullptr;
    if constexpr (kLocked) {
      const std::lock_guard lock(slot.mutex);
      mine = slot.object.load();
      ++mine->owners;
    } else {
      mine = slot.object.load();
      ++mine->owners;
    }
    racetrack::check(mine->payload == 9, "alive");
    mine->release();
  });
  Object* old = nullptr;
  {
    std::unique_lock<std::mutex> lock(slot.mutex, std::defer_lock);
    if (kLocked) {
      lock.lock();
    }
    old = slot.object.exchange(new Object);
  }
  old->release();
  reader.join();
  slot.object.load()->release();
}
}  // namespace
RACETRACK_EXPLORE(counted_after_load) { run<false>(); }
RACETRACK_EXPLORE(counted_under_lock) { run<true>(); }
