// Queues with one fault each, and a queue without one: controls for the harness's detectors. Every fault strikes with
// certainty, independent of the schedule.
#include <bit>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

enum class Fault : std::uint8_t {
  none,
  loses,
  duplicates,
  last_in_first_out,
  overflows,
  tears,
  crashes,
  exits_with_7,
  exits_with_0,
  hangs,
  forks_and_hangs,
  waits_when_full,
  waits_when_empty,
  rounds_up,
  full_early,
  cannot_be_made,
};

/// The fault of the queues that are constructed next. One class implements all faults, because each instantiation of
/// the family takes the compiler half a minute.
Fault fault_of_next = Fault::none;
/// The message of the exception that the constructor throws.
std::string message_of_next = "this queue cannot be made";

template <class Item>
class FaultyQueue {
 public:
  explicit FaultyQueue(std::size_t capacity) : capacity_(capacity) {
    if (fault_ == Fault::cannot_be_made) throw std::runtime_error(message_of_next);
  }

  bool try_push(Item item) {
    const std::lock_guard lock(mutex_);
    const std::size_t room = fault_ == Fault::overflows    ? capacity_ + kSurplus
                             : fault_ == Fault::rounds_up  ? std::bit_ceil(capacity_)
                             : fault_ == Fault::full_early ? capacity_ - capacity_ / 8
                                                           : capacity_;
    if (items_.size() >= room) {
      if (fault_ == Fault::waits_when_full) wait_forever();
      return false;
    }
    if (++pushes_ % kEvery == 0) {
      if (fault_ == Fault::loses) return true;
      strike(item);
    }
    items_.push_back(item);
    return true;
  }

  bool try_pop(Item& item) {
    const std::lock_guard lock(mutex_);
    // Two faults need several items at once. The queue reports that it is empty until it has held enough of them once.
    const std::size_t wanted = fault_ == Fault::overflows           ? capacity_ + kSurplus
                               : fault_ == Fault::last_in_first_out ? 2
                                                                    : 1;
    if (items_.empty() && fault_ == Fault::waits_when_empty && popped_) wait_forever();
    if (items_.size() < (primed_ ? 1 : wanted)) return false;
    popped_ = true;
    primed_ = true;
    if (fault_ == Fault::last_in_first_out) {
      item = items_.back();
      items_.pop_back();
    } else {
      item = items_.front();
      items_.pop_front();
    }
    return true;
  }

 private:
  void strike(Item& item) {
    switch (fault_) {
      case Fault::duplicates: items_.push_back(item); break;
      case Fault::tears: item.words.back() += item.words.size() > 1 ? 1 : 0; break;
      case Fault::crashes: std::raise(SIGSEGV); break;
      case Fault::exits_with_7: std::_Exit(7);
      case Fault::exits_with_0: std::_Exit(0);
      case Fault::hangs: wait_forever();
      case Fault::forks_and_hangs: static_cast<void>(fork()); wait_forever();
      default: break;
    }
  }

  [[noreturn]] static void wait_forever() {
    for (;;) pause();
  }

  static constexpr std::uint64_t kEvery = 100;
  static constexpr std::size_t kSurplus = 256;  // so many that some are in the queue with certainty, despite clock skew

  std::mutex mutex_;
  std::deque<Item> items_;
  std::size_t capacity_;
  Fault fault_ = fault_of_next;
  std::uint64_t pushes_ = 0;
  bool primed_ = false, popped_ = false;
};

void add(racetrack::Registry& registry, const racetrack::Registry& sound, const char* name, Fault fault,
         const racetrack::Expectation& expectation = {}, racetrack::Standing standing = racetrack::Standing::subject) {
  for (racetrack::Scenario scenario : sound.scenarios()) {
    scenario.subject = name;
    scenario.expectation = expectation;
    scenario.standing = standing;
    scenario.make_round = [fault, make = scenario.make_round](const racetrack::RoundPlan& plan) {
      fault_of_next = fault;
      return make(plan);
    };
    registry.add(std::move(scenario));
  }
}

/// The bytes that an environment variable contains as comma-separated hexadecimal words; empty if it is not set.
std::vector<std::string> words_in(const char* variable) {
  const char* const set = std::getenv(variable);
  if (set == nullptr) return {};
  std::vector<std::string> words{""};
  for (std::string_view text = set; !text.empty(); text.remove_prefix(text.front() == ',' ? 1 : 2)) {
    if (text.front() == ',') {
      words.emplace_back();
    } else {
      words.back() += static_cast<char>(std::stoi(std::string(text.substr(0, 2)), nullptr, 16));
    }
  }
  return words;
}

/// Subjects named by a test. Their fault follows from the beginning of the name: "loses", "throws" or "dies"; others
/// are sound.
void add_named(racetrack::Registry& registry, const racetrack::Registry& sound) {
  for (const std::string& name : words_in("FAULTY_QUEUES_NAMES")) {
    const Fault fault = name.starts_with("loses")    ? Fault::loses
                        : name.starts_with("throws") ? Fault::cannot_be_made
                        : name.starts_with("dies")   ? Fault::crashes
                                                     : Fault::none;
    add(registry, sound, name.c_str(), fault);
  }
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  for (const std::string& message : words_in("FAULTY_QUEUES_MESSAGE")) message_of_next = message;
  racetrack::Registry sound;
  sound.add<racetrack::queue::Family, FaultyQueue>("sound", {});
  // Two faults report an empty queue until it holds several items. Declaring spurious failures keeps that from being
  // the finding.
  racetrack::Registry patient;
  patient.add<racetrack::queue::Family, FaultyQueue>("patient", {.empty = racetrack::queue::may_fail_spuriously});
  const racetrack::Expectation duplicates{
      {.detector = "oracle.*", .kind = "duplicated", .grade = racetrack::Grade::must, .per_runs = 1}};
  add(registry, sound, "sound", Fault::none);
  add(registry, sound, "loses", Fault::loses);
  add(registry, sound, "duplicates", Fault::duplicates);
  add(registry, sound, "duplicates_as_declared", Fault::duplicates, duplicates);
  add(registry, sound, "duplicates_as_control", Fault::duplicates, duplicates, racetrack::Standing::control);
  add(registry, patient, "newest_first", Fault::last_in_first_out);
  add(registry, patient, "overflows", Fault::overflows);
  add(registry, sound, "tears", Fault::tears);
  add(registry, sound, "crashes", Fault::crashes);
  add(registry, sound, "exits_with_7", Fault::exits_with_7);
  add(registry, sound, "exits_with_0", Fault::exits_with_0);
  add(registry, sound, "hangs", Fault::hangs);
  add(registry, sound, "forks_and_hangs", Fault::forks_and_hangs);
  add(registry, sound, "waits_when_full", Fault::waits_when_full);
  add(registry, sound, "waits_when_empty", Fault::waits_when_empty);
  add(registry, sound, "rounds_up", Fault::rounds_up);
  add(registry, sound, "full_early", Fault::full_early);
  add(registry, sound, "cannot_be_made", Fault::cannot_be_made);
  add_named(registry, sound);
}
