#include <array>

#include "explore/runtime.hpp"
#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

class Replay final : public Strategy {
 public:
  explicit Replay(const Schedule& schedule) : schedule_(schedule) {
    for (const Departure& each : schedule.departures) of_[each.thread].push_back(each);
  }
  [[nodiscard]] std::string name() const override { return "replay"; }
  void begin(const Outlook&) override { next_.fill(0); }
  ThreadId choose(const Choice& choice) override {
    const Departure* const departure = departure_here(choice.current);
    const bool possible = departure != nullptr && departure->choice < kMostThreads &&
                          ((choice.candidates | choice.timed) & set_of(departure->choice)) != 0;
    return possible ? departure->choice : choice.fallback;
  }
  unsigned pick(unsigned) override {
    const Departure* const departure = departure_here(runtime.current->id);
    return departure != nullptr ? departure->choice : 0;
  }
  unsigned read(unsigned count, StaleReads&) override { return pick(count); }
  [[nodiscard]] bool searches() const override { return true; }
  unsigned spurious_failures() override { return schedule_.spurious_failures; }
  bool fails_spuriously() override { return departure_here(runtime.current->id) != nullptr; }
  bool reuses() override { return schedule_.reuse; }
  bool slow() override { return schedule_.slow; }

 private:
  const Departure* departure_here(ThreadId thread) {
    std::size_t& next = next_[thread];
    const auto& mine = of_[thread];
    const std::uint32_t point = runtime.threads[thread].points;
    while (next < mine.size() && mine[next].point < point) ++next;
    return next < mine.size() && mine[next].point == point ? &mine[next++] : nullptr;
  }

  Schedule schedule_;
  std::array<std::vector<Departure>, kMostThreads> of_;
  std::array<std::size_t, kMostThreads> next_{};
};

}  // namespace

std::unique_ptr<Strategy> replay(const Schedule& schedule) { return std::make_unique<Replay>(schedule); }

}  // namespace racetrack::explore
