// Annotates the reference counting of shared exceptions (std::exception_ptr, and the exceptions of futures) for
// ThreadSanitizer. The reference count is in the standard library, which is not instrumented: the last owner frees
// memory that other owners have read, which looks like a race. This file is compiled without -fsanitize=thread, so that
// its lock orders no instrumented accesses.
#include <atomic>
#include <exception>
#include <thread>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

namespace {

/// A recursive lock that serialises releases, so that their order is the order of the annotations. Otherwise
/// ThreadSanitizer could see the annotation of the last owner before that of another one. Recursive, because the
/// destructor of an exception may handle another exception.
class Turn {
 public:
  Turn() {
    if (depth_++ != 0) return;
    // acquire: pairs with the release below. Turn orders only the annotations; the standard library orders its own
    // accesses.
    while (taken_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (--depth_ == 0) taken_.clear(std::memory_order_release);
  }

  /// Annotates that all earlier releases of this exception happen before this one.
  static void annotate_release(void* exception) {
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
  if (*self != nullptr) Turn::annotate_release(*self);
  release(self);
}

/// The runtime calls it at the end of every handler.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
extern "C" void __cxa_end_catch() {
  static const auto end = next<void (*)()>("__cxa_end_catch");
  const Turn turn;
  {
    const std::exception_ptr caught = std::current_exception();
    void* const exception = *reinterpret_cast<void* const*>(&caught);  // an exception_ptr consists of one pointer
    if (exception != nullptr) Turn::annotate_release(exception);
  }
  end();
}
