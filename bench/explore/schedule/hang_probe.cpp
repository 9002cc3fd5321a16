#include "explore/schedule/hang_probe.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <unwind.h>

#include "explore/runtime.hpp"
#include "explore/schedule/standstill.hpp"

namespace racetrack::explore {
namespace {

/// The registers at the subject's call of the explorer that a call preserves, and the stack pointer there.
struct Frame {
  std::uintptr_t caller;
  std::uintptr_t stack_pointer = 0;
  std::array<std::uintptr_t, 6> registers{};
};

_Unwind_Reason_Code find_caller(_Unwind_Context* context, void* argument) {
  auto& frame = *static_cast<Frame*>(argument);
  if (_Unwind_GetIP(context) != frame.caller) return _URC_NO_REASON;
  static constexpr std::array<int, 6> kPreserved{3, 6, 12, 13, 14, 15};  // DWARF's numbers of rbx, rbp, r12 to r15
  for (std::size_t i = 0; i < kPreserved.size(); ++i) frame.registers[i] = _Unwind_GetGR(context, kPreserved[i]);
  frame.stack_pointer = _Unwind_GetCFA(context);
  return _URC_END_OF_STACK;
}

std::uint64_t word_at(std::uintptr_t address) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, reinterpret_cast<const void*>(address), sizeof word);
  return word;
}

/// Whether the word is on the current thread's stack and no other thread has accessed it.
bool is_of_thread_alone(std::uintptr_t word) {
  const Thread& thread = *runtime.current;
  if (word < thread.fiber.stack_bottom || word >= thread.fiber.stack_top) return false;
  const Cell& cell = runtime.shadow.cell(word);
  return std::all_of(cell.accesses, cell.accesses + cell.count,
                     [&](const Access& access) { return access.thread == thread.id; });
}

/// Whether the word is on a stack, below the frames of its thread: no code reads it before it is written again.
bool is_below_frames(std::uintptr_t word) {
  return word - kStacksBase < kStacksSize && word < runtime.threads[(word - kStacksBase) / kStackSlot].frame;
}

bool changes_memory(Operation operation) noexcept {
  return operation != Operation::read && operation != Operation::load && operation != Operation::not_exchanged;
}

}  // namespace

void HangProbe::begin(std::uint32_t step, ThreadSet runnable, ThreadSet timed) {
  active_ = true;
  disturbed_ = false;
  began_ = step;
  next_ = 2 * std::max(step, kFirst);
  runnable_ = runnable;
  timed_ = timed;
  thread_count_ = runtime.thread_count;
  objects_.assign(runtime.objects.begin(), runtime.objects.begin() + runtime.object_count);
  written_.clear();
  left_ = runnable | timed;
  alone_.reset();
  rounds_.clear();
  runtime.reports_events = true;
}

void HangProbe::end() {
  active_ = false;
  runtime.reports_events = runtime.recording || runtime.touches || runtime.plain_steps;
}

std::optional<ThreadId> HangProbe::next(std::uint32_t step, ThreadSet runnable, ThreadSet timed) {
  const Thread& from = *runtime.current;
  if (disturbed_ || from.life != Life::running || (alone_ && ++decisions_ > kMostAlone)) return end(), std::nullopt;
  if (alone_) {
    let_run_ |= (runnable | timed) & ~(runnable_ | timed_);
    differed_ = differed_ || differs_for_others(runnable, timed);
    const bool alone_at_all = std::has_single_bit(runnable_ | timed_) && let_run_ == 0;
    if (differed_ && !alone_at_all) return end(), std::nullopt;
  }
  const bool retries = from.retries_at != 0;
  if (alone_ && !is_as_at_the_beginning(runnable, timed)) {
    if (((runnable | timed) & set_of(*alone_)) == 0) return end(), std::nullopt;  // the thread waits for another one
    caller_ = std::min(caller_, from.caller);
    return alone_;
  }
  if (alone_) {
    caller_ = std::min(caller_, from.caller);
    if (!retries && !read_state(now_)) return end(), std::nullopt;
    if (retries ? from.retries_at == retried_at_ : compared_ != 0 && now_ == earlier_) {
      rounds_.push_back({*alone_, step - (retries ? retried_ : since_), caller_});
      left_ &= ~set_of(*alone_);
      alone_.reset();
    } else if (retries) {
      retried_at_ = from.retries_at;
      retried_ = step;
      caller_ = from.caller;
    } else if (std::has_single_bit(++compared_)) {  // Brent's search for a cycle
      std::swap(earlier_, now_);
      since_ = step;
      caller_ = from.caller;
    }
  }
  if (!alone_) {
    if (left_ == 0) report();
    alone_ = static_cast<ThreadId>(std::countr_zero(left_));
    decisions_ = compared_ = 0;
    retried_at_ = 0;
    differed_ = false;
    let_run_ = 0;
    caller_ = ~std::uintptr_t{0};
  }
  return alone_;
}

bool HangProbe::differs_for_others(ThreadSet runnable, ThreadSet timed) const {
  if (runnable != runnable_ || timed != timed_) return true;
  if (runtime.thread_count != thread_count_ || runtime.object_count != objects_.size()) return true;
  const auto changed = [](const Written& each) { return !each.own && word_at(each.word) != each.before; };
  if (std::any_of(written_.begin(), written_.end(), changed)) return true;
  return !std::equal(objects_.begin(), objects_.end(), runtime.objects.begin(),
                     [](const SyncState& before, const SyncState& now) { return before.is_as(now); });
}

bool HangProbe::is_as_at_the_beginning(ThreadSet runnable, ThreadSet timed) {
  if (runnable != runnable_ || timed != timed_) return false;
  if (runtime.thread_count != thread_count_ || runtime.object_count != objects_.size()) return false;
  const auto changed = std::find_if(written_.begin(), written_.end(), [](const Written& each) {
    return word_at(each.word) != each.before && !is_below_frames(each.word);
  });
  if (changed != written_.end()) {
    std::swap(*changed, written_.front());  // it is the likeliest difference in the next comparison
    return false;
  }
  return std::equal(objects_.begin(), objects_.end(), runtime.objects.begin(),
                    [](const SyncState& before, const SyncState& now) { return before.is_as(now); });
}

bool HangProbe::read_state(State& state) {
  const Thread& thread = *runtime.current;
  Frame frame{thread.caller};
  _Unwind_Backtrace(find_caller, &frame);
  if (frame.stack_pointer == 0 || frame.stack_pointer >= thread.fiber.stack_top) return false;
  state.caller = frame.caller;
  state.stack_pointer = frame.stack_pointer;
  state.registers = frame.registers;
  state.stack.resize((thread.fiber.stack_top - frame.stack_pointer) / sizeof(std::uint64_t));
  std::memcpy(state.stack.data(), reinterpret_cast<const void*>(frame.stack_pointer),
              state.stack.size() * sizeof(std::uint64_t));
  return true;
}

void HangProbe::remember(std::uintptr_t word, bool own) {
  for (Written& each : written_) {
    if (each.word != word) continue;
    each.own = each.own && own;
    return;
  }
  if (written_.size() == kMostWritten) {
    disturbed_ = true;
    return;
  }
  written_.push_back({word, word_at(word), own});
}

void HangProbe::observe(Operation operation, std::uintptr_t address, std::size_t size) {
  if (operation == Operation::allocate || operation == Operation::release || operation == Operation::create) {
    disturbed_ = true;
  }
  if (size == 0 || disturbed_ || !changes_memory(operation)) return;
  if (size > kMostWritten) {
    disturbed_ = true;
    return;
  }
  for (std::uintptr_t word = address & ~std::uintptr_t{7}; word < address + size; word += 8) {
    remember(word, operation == Operation::write && is_of_thread_alone(word));
  }
}

void HangProbe::report() {
  if (only_detached_threads_are_left()) end_with_detached_threads();
  std::string text = "this never ends: ", signature = "rounds";
  for (const Round& round : rounds_) {
    text += (&round == &rounds_.front() ? "thread " : "; thread ") + std::to_string(round.thread) +
            " is back in the same state after " + std::to_string(round.steps) +
            (round.steps == 1 ? " step" : " steps") + ", and nothing has changed";
    signature += "," + std::to_string(round.caller);
  }
  const std::string others = describe_waiting_threads();
  fail({.kind = "hang", .text = text + (others.empty() ? "" : "; ") + others, .signature = signature});
}

}  // namespace racetrack::explore
