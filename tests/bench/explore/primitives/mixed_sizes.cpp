// Atomic accesses of different sizes at the same address: they synchronise, and weak memory adds a note about them.
#include <atomic>
#include <cstdint>
#include <thread>

#include <racetrack/explore.hpp>

namespace {

/// A word that is also accessed in parts, as in some locks.
class Word {
 public:
  void store_byte(unsigned which, std::uint8_t value, int order) {
    __atomic_store_n(reinterpret_cast<std::uint8_t*>(&word_) + which, value, order);
  }
  std::uint8_t load_byte(unsigned which, int order) {
    return __atomic_load_n(reinterpret_cast<std::uint8_t*>(&word_) + which, order);
  }
  void store(std::uint32_t value, int order) { __atomic_store_n(&word_, value, order); }
  std::uint32_t load(int order) { return __atomic_load_n(&word_, order); }
  void add(std::uint32_t value, int order) { __atomic_fetch_add(&word_, value, order); }

 private:
  alignas(8) std::uint32_t word_ = 0;
};

template <class Publish, class Load>
void publish_data(Publish publish, Load load) {
  Word word;
  int data = 0;
  std::thread other([&] {
    data = 1;
    publish(word);
  });
  if (load(word)) racetrack::check(data == 1, "the data is published");
  other.join();
}

}  // namespace

RACETRACK_EXPLORE(mixed_byte_is_published_to_a_word) {
  publish_data([](Word& word) { word.store_byte(1, 1, __ATOMIC_RELEASE); },
               [](Word& word) { return word.load(__ATOMIC_ACQUIRE) != 0; });
}
RACETRACK_EXPLORE(mixed_word_is_published_to_a_byte) {
  publish_data([](Word& word) { word.store(0x100, __ATOMIC_RELEASE); },
               [](Word& word) { return word.load_byte(1, __ATOMIC_ACQUIRE) != 0; });
}
RACETRACK_EXPLORE(mixed_byte_is_published_through_an_addition) {
  publish_data(
      [](Word& word) {
        word.store_byte(0, 1, __ATOMIC_RELEASE);
        std::thread([&word] { word.add(0x100, __ATOMIC_RELAXED); }).join();
      },
      [](Word& word) { return word.load_byte(1, __ATOMIC_ACQUIRE) != 0; });
}
RACETRACK_EXPLORE(fault_mixed_byte_is_published_relaxed) {
  publish_data([](Word& word) { word.store_byte(1, 1, __ATOMIC_RELAXED); },
               [](Word& word) { return word.load(__ATOMIC_ACQUIRE) != 0; });
}
RACETRACK_EXPLORE(fault_mixed_word_hides_what_the_byte_published) {
  publish_data(
      [](Word& word) {
        word.store_byte(1, 1, __ATOMIC_RELEASE);
        word.store(0x200, __ATOMIC_RELAXED);
      },
      [](Word& word) { return word.load_byte(1, __ATOMIC_ACQUIRE) == 2; });
}
RACETRACK_EXPLORE(fault_other_byte_is_published) {
  publish_data(
      [](Word& word) {
        word.store_byte(1, 1, __ATOMIC_RELEASE);
        word.store_byte(2, 1, __ATOMIC_RELAXED);
      },
      [](Word& word) { return word.load_byte(2, __ATOMIC_ACQUIRE) == 1; });
}
