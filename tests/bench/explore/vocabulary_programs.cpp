// A program of tests for test_vocabulary.py: the functions of <racetrack/explore.hpp> that bodies call.
#include <racetrack/explore.hpp>

#include <atomic>
#include <string>
#include <thread>

RACETRACK_EXPLORE(chooses_among_many) {
  const unsigned one = racetrack::choose(3), other = racetrack::choose(100);
  racetrack::check(one < 3 && other < 100, "they are in range");
  racetrack::check(one != 2 || other != 73, "it is another pair");
}

RACETRACK_EXPLORE(chooses_in_a_thread) {
  std::atomic<unsigned> sum{0};
  std::thread other([&] { sum += racetrack::choose(4); });
  sum += racetrack::choose(4);
  other.join();
  racetrack::check(sum != 6, "they do not add up to six");
}

RACETRACK_EXPLORE(assumes_a_false_condition) { racetrack::assume(false); }

RACETRACK_EXPLORE(assumes_a_choice) {
  const unsigned chosen = racetrack::choose(10);
  racetrack::assume(chosen % 2 == 0);
  racetrack::check(chosen % 2 == 0, "it is even");
}

RACETRACK_EXPLORE(assumes_and_fails) {
  const unsigned chosen = racetrack::choose(10);
  racetrack::assume(chosen % 2 == 0);
  racetrack::check(chosen != 8, "it is not eight");
}

namespace {

template <class Block>
void increments_twice() {
  std::atomic<int> count{0};
  const auto add = [&] {
    const Block block;
    count = count + 1;
  };
  std::thread other(add);
  add();
  other.join();
  racetrack::check_equal(count, 2, "both are counted");
}

struct [[maybe_unused]] NoBlock {};

}  // namespace

RACETRACK_EXPLORE(counts_in_atomic_blocks) { increments_twice<racetrack::AtomicBlock>(); }
RACETRACK_EXPLORE(counts_without_blocks) { increments_twice<NoBlock>(); }

RACETRACK_EXPLORE(names_its_objects) {
  std::atomic<int> left{0}, right{0};
  racetrack::name(&left, "left scale");
  racetrack::name(&right, std::string("right scale").c_str());
  std::thread other([&] { left = right + 1; });
  right = left + 1;
  other.join();
  racetrack::check(left + right == 3, "one is heavier");
}

RACETRACK_EXPLORE(compares_values) {
  enum class Colour { red, green };
  racetrack::check_equal(1U, 1, "numbers of either sign");
  racetrack::check_equal(std::string("a"), "a", "strings");
  racetrack::check_equal(Colour::red, Colour::red, "enumerators");
  switch (racetrack::choose(5)) {
    case 0: racetrack::check_equal(-1, 1U, "numbers"); break;
    case 1: racetrack::check_equal(std::string("left"), "right", "words"); break;
    case 2: racetrack::check_equal(true, false, "truths"); break;
    case 3: racetrack::check_equal(0.5, 0.25, "shares"); break;
    default: racetrack::check_equal(Colour::green, Colour::red, "colours"); break;
  }
}
