// Tells ThreadSanitizer of exceptions that several threads have (std::exception_ptr, and what futures throw). Their count of owners is in
// the standard library, which is not instrumented: the last owner frees what the others have read, and that looks like a race.
// Compiled without -fsanitize=thread, so that the lock in it orders nothing that is watched.
#include <atomic>
#include <exception>
#include <thread>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

namespace {

/// Owners let go one after the other, in the order in which ThreadSanitizer is told: else the last could be told before another one. The
/// destructor of an exception may handle another one meanwhile.
class Turn {
 public:
  Turn() {
    if (depth_++ != 0) return;
    // acquire: pairs with the release below; what the standard library does between them is its own affair.
    while (taken_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (--depth_ == 0) taken_.clear(std::memory_order_release);
  }

  /// Every owner before this one has let go earlier.
  static void let_go_of(void* exception) {
    __tsan_acquire(exception);
    __tsan_release(exception);
  }

 private:
  static inline std::atomic_flag taken_;
  static inline thread_local unsigned depth_ = 0;
};

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

/// exception_ptr::_M_release().
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
extern "C" void _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self) noexcept {
  static const auto release = next<void (*)(void**)>("_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv");
  const Turn turn;
  if (*self != nullptr) Turn::let_go_of(*self);
  release(self);
}

/// Called at the end of every handler.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
extern "C" void __cxa_end_catch() {
  static const auto end = next<void (*)()>("__cxa_end_catch");
  const Turn turn;
  {
    const std::exception_ptr caught = std::current_exception();
    void* const exception = *reinterpret_cast<void* const*>(&caught);  // a pointer is all that it is
    if (exception != nullptr) Turn::let_go_of(exception);
  }
  end();
}
