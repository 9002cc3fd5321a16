#include "sound.hpp"

#include <algorithm>
#include <random>

#include "tests/bench/oracle/histories.hpp"

namespace racetrack::testing {

History turns_of_a_lock(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  History history;
  history.threads.resize(4);
  Ticks now = 100;
  std::uint32_t last = 4;
  for (int turn = 0; turn < 40; ++turn, now += 16) {
    auto thread = static_cast<std::uint32_t>(random() % 4);
    if (thread == last) thread = (thread + 1) % 4;
    last = thread;
    auto& mine = history.threads[thread];
    const Ticks asked = std::max<Ticks>(mine.empty() ? 0 : mine.back().returned + 1, now - 50);
    mine.push_back({kExclusive, asked, now, thread, 0, Action::acquire, Outcome::ok});
    mine.push_back({kExclusive, now + 10, now + 15, thread, 0, Action::release, Outcome::ok});
  }
  return history;
}

History tasks_of_a_pool(std::uint64_t seed) {
  constexpr std::uint64_t kTasks = 20;
  std::mt19937_64 random(seed);
  History history;
  history.threads.resize(3);
  std::vector<Operation> results;
  for (std::uint64_t task = 1; task <= kTasks; ++task) {
    const Ticks now = task * 100;
    const auto worker = static_cast<std::uint32_t>(1 + random() % 2);
    const Outcome outcome = random() % 4 == 0 ? Outcome::thrown : Outcome::ok;
    history.threads[0].push_back({task, now, now + 10, 0, 0, Action::push, Outcome::ok});
    history.threads[worker].push_back({task, now + 5, now + 20 + random() % 60, worker, 0, Action::run, outcome});
    results.push_back({task, 3000 + now, 3010 + now, 0, 0, Action::result, outcome});
  }
  history.threads[0].insert(history.threads[0].end(), results.begin(), results.end());
  return history;
}

History items_of_a_queue(std::uint64_t seed) { return oracle::sound_history(seed, 60, 8); }

}  // namespace racetrack::testing
