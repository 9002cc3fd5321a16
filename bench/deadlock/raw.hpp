// System calls without the C library: no errno, no cancellation, no thread-local storage. The detector's own thread has
// none of these, and an interposed function must not call itself through the C library.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

namespace racetrack::deadlock {

/// Returns the result, or a negative error number.
inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) noexcept {
#if defined(__x86_64__)
  long result = 0;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#else
#error "the deadlock detector knows the system calls of x86-64 and AArch64"
#endif
}

template <class T>
long as_long(T* pointer) noexcept {
  return static_cast<long>(reinterpret_cast<std::uintptr_t>(pointer));
}

inline std::uint32_t raw_thread_id() noexcept { return static_cast<std::uint32_t>(raw_syscall(SYS_gettid)); }

inline void raw_sleep_us(long us) noexcept {
  const timespec time{us / 1'000'000, us % 1'000'000 * 1000};
  raw_syscall(SYS_nanosleep, as_long(&time));
}

/// Returns zeroed pages, which are never freed, or nullptr.
inline void* raw_pages(std::size_t bytes) noexcept {
  const long address =
      raw_syscall(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return address < 0 && address > -4096 ? nullptr : reinterpret_cast<void*>(address);
}

/// Reads a whole small file into `buffer` and appends a zero. Returns the number of bytes, or a negative error number.
inline long raw_read_file(const char* path, char* buffer, std::size_t size) noexcept {
  const long file = raw_syscall(SYS_openat, AT_FDCWD, as_long(path), O_RDONLY | O_CLOEXEC);
  if (file < 0) return file;
  std::size_t length = 0;
  while (length + 1 < size) {
    const long got = raw_syscall(SYS_read, file, as_long(buffer + length), static_cast<long>(size - length - 1));
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  raw_syscall(SYS_close, file);
  buffer[length] = '\0';
  return static_cast<long>(length);
}

/// Reads a word that another thread may unmap at any time. Returns 0 when it is not mapped.
inline std::uint32_t raw_peek(std::uintptr_t address) noexcept {
  std::uint32_t word = 0;
  const iovec here{&word, sizeof word};
  const iovec there{reinterpret_cast<void*>(address), sizeof word};
  const long got = raw_syscall(SYS_process_vm_readv, raw_syscall(SYS_getpid), as_long(&here), 1, as_long(&there), 1, 0);
  return got == sizeof word ? word : 0;
}

/// A lock for the detector's own use, which it does not watch. Not recursive.
class RawLock {
 public:
  void lock() noexcept {
    std::uint32_t seen = 0;
    // Acquire: pairs with unlock's release.
    if (state_.compare_exchange_strong(seen, 1, std::memory_order_acquire, std::memory_order_relaxed)) return;
    while (state_.exchange(2, std::memory_order_acquire) != 0) {
      raw_syscall(SYS_futex, as_long(&state_), FUTEX_WAIT_PRIVATE, 2);
    }
  }
  void unlock() noexcept {
    if (state_.exchange(0, std::memory_order_release) == 2) {
      raw_syscall(SYS_futex, as_long(&state_), FUTEX_WAKE_PRIVATE, 1);
    }
  }
  [[nodiscard]] bool is_locked() const noexcept { return state_.load() != 0; }
  /// Call it in the child of a fork, whose thread does not hold the lock.
  void reset() noexcept { state_.store(0); }

 private:
  std::atomic<std::uint32_t> state_{0};
};

class RawGuard {
 public:
  explicit RawGuard(RawLock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~RawGuard() { lock_.unlock(); }
  RawGuard(const RawGuard&) = delete;
  RawGuard& operator=(const RawGuard&) = delete;

 private:
  RawLock& lock_;
};

}  // namespace racetrack::deadlock
