// The jobs of a work-stealing pool.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <future>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

/// One allocation, made by submit. It has a function pointer instead of a virtual function, so that a thief fetches
/// only the first cache line of a job from the other processor.
struct Job {
  enum class Fate : std::uint8_t { run, cancel };
  /// `worker` identifies the worker that runs the job. (A thread-local variable would do too, but in a loaded module it
  /// costs a call.)
  using Act = void (*)(Job* self, Fate fate, const void* worker);

  explicit Job(Act action) noexcept : act(action) {}

  Act act;  ///< runs the job or reports that it will never run, and releases it
  Job* next = nullptr;
};

/// A job whose result, which must not be void, one other thread waits for. The pool and the future own it together; the
/// last owner to release it destroys it.
template <class Result>
class FutureState : public Job {
 public:
  using Job::Job;

  [[nodiscard]] bool ready() const noexcept {
    return phase_.load(std::memory_order_acquire) == kReady;  // pairs with the release in finish
  }
  void wait() noexcept {
    std::uint32_t phase = kRunning;
    // acquire: pairs with the release in finish, when finish ran first. (Otherwise relaxed would suffice, but g++ 12
    // warns about it.)
    if (!phase_.compare_exchange_strong(phase, kAwaited, std::memory_order_acquire) && phase == kReady) return;
    while ((phase = phase_.load(std::memory_order_acquire)) != kReady) phase_.wait(phase, std::memory_order_acquire);
  }
  /// Call it after ready() or wait().
  Result take() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if (!result_) throw std::future_error(std::future_errc::broken_promise);
    return std::move(*result_);
  }

  void release() {
    // acq_rel: the last owner sees all that the other owner did before.
    if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy_(this);
  }

 protected:
  void finish() noexcept {
    // release: publishes the result to the acquires in ready and wait. No acquire: the waiter has written nothing.
    if (phase_.exchange(kReady, std::memory_order_release) == kAwaited) phase_.notify_one();
  }

  std::optional<Result> result_;
  std::exception_ptr error_;
  void (*destroy_)(FutureState* self) = nullptr;

 private:
  static constexpr std::uint32_t kRunning = 0, kAwaited = 1, kReady = 2;
  std::atomic<std::uint32_t> phase_{kRunning};
  std::atomic<std::uint32_t> owners_{2};
};

template <class Function>
class Submitted final : public FutureState<std::invoke_result_t<Function&>> {
  using State = FutureState<std::invoke_result_t<Function&>>;

 public:
  explicit Submitted(Function function) : State(&Submitted::do_act), function_(std::move(function)) {
    this->destroy_ = [](State* self) { delete static_cast<Submitted*>(self); };
  }

 private:
  static void do_act(Job* job, Job::Fate fate, const void* /*worker*/) {
    auto* const self = static_cast<Submitted*>(job);
    if (fate == Job::Fate::run) {
      try {
        self->result_.emplace(self->function_());
      } catch (...) {
        self->error_ = std::current_exception();
      }
    }
    self->finish();
    self->release();
  }

  Function function_;
};
