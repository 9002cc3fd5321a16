// A ring whose push reserves its place and copies the first word of the item under the lock, and the rest after it. A
// pop in between gets the new item's first word with the rest of the previous item. A torn item, and a data race.
//
// Corrected: copies the whole item under the lock.
#include <cstring>
#include <memory>

#include "control.hpp"

namespace {

template <class Item, bool kHalf>
class Ring {
 public:
  explicit Ring(std::size_t capacity) : capacity_(capacity), items_(std::make_unique<Item[]>(capacity)) {}

  bool try_push(const Item item) {
    std::unique_lock lock(mutex_);
    if (pushed_ - popped_ == capacity_) return false;
    Item& place = items_[pushed_ % capacity_];
    ++pushed_;
    if constexpr (kHalf && sizeof(Item) > kWord) {
      std::memcpy(static_cast<void*>(&place), &item, kWord);
      lock.unlock();
      std::memcpy(reinterpret_cast<char*>(&place) + kWord, reinterpret_cast<const char*>(&item) + kWord,
                  sizeof(Item) - kWord);
    } else {
      place = item;
    }
    return true;
  }
  bool try_pop(Item& item) {
    const std::lock_guard lock(mutex_);
    if (pushed_ == popped_) return false;
    item = items_[popped_ % capacity_];
    ++popped_;
    return true;
  }

 private:
  static constexpr std::size_t kWord = 8;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::unique_ptr<Item[]> items_;
  std::size_t pushed_ = 0, popped_ = 0;
};

template <class Item>
using Faulty = Ring<Item, true>;
template <class Item>
using Corrected = Ring<Item, false>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  racetrack::Expectation expectation = racetrack::expect_fault("oracle.*", "torn");
  for (const racetrack::Expected& race : racetrack::expect_race()) expectation.insert(expectation.begin(), race);
  const ControlCase where{.capacity = "2"};
  add_control<Faulty, 64>(registry, "copies_half_unlocked", {.library = "racetrack"}, expectation, where);
  add_control<Corrected, 64>(registry, "copies_half_unlocked_mended", {.library = "racetrack"}, {}, where);
}
