// The fields of glibc's locks that the detector reads. Unchanged since glibc 2.25 on x86-64 and AArch64.
#pragma once

#include <cstddef>
#include <cstdint>

#include <pthread.h>

#include "deadlock/raw.hpp"

namespace racetrack::deadlock {

inline constexpr int kMutexKindMask = 3, kMutexRobust = 16, kMutexShared = 128;

inline pthread_mutex_t& mutex_at(std::uintptr_t address) noexcept {
  return *reinterpret_cast<pthread_mutex_t*>(address);
}
inline pthread_rwlock_t& rwlock_at(std::uintptr_t address) noexcept {
  return *reinterpret_cast<pthread_rwlock_t*>(address);
}

inline int kind_of(const pthread_mutex_t& mutex) noexcept { return mutex.__data.__kind; }
inline int type_of(const pthread_mutex_t& mutex) noexcept { return mutex.__data.__kind & kMutexKindMask; }

/// Returns the kernel id of the owner, or 0.
inline std::uint32_t owner_of(const pthread_mutex_t& mutex) noexcept {
  return static_cast<std::uint32_t>(__atomic_load_n(&mutex.__data.__owner, __ATOMIC_RELAXED));
}
inline std::uint32_t writer_of(const pthread_rwlock_t& rwlock) noexcept {
  return static_cast<std::uint32_t>(__atomic_load_n(&rwlock.__data.__cur_writer, __ATOMIC_RELAXED));
}
/// The same for a lock whose memory may have been unmapped.
inline std::uint32_t peek_owner(std::uintptr_t mutex) noexcept {
  return raw_peek(mutex + offsetof(pthread_mutex_t, __data.__owner));
}
inline std::uint32_t peek_writer(std::uintptr_t rwlock) noexcept {
  return raw_peek(rwlock + offsetof(pthread_rwlock_t, __data.__cur_writer));
}

inline bool is_shared(const pthread_rwlock_t& rwlock) noexcept { return rwlock.__data.__shared != 0; }
inline bool writers_first(const pthread_rwlock_t& rwlock) noexcept {
  return rwlock.__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
}

/// Returns the number of threads in pthread_cond_wait that have not been woken. A woken thread leaves this count before
/// it locks its mutex again. The memory of the condition may have been unmapped.
inline std::uint32_t peek_unwoken_waiters(std::uintptr_t condition) noexcept {
  return raw_peek(condition + offsetof(pthread_cond_t, __data.__wrefs)) >> 3;
}
inline bool is_shared(const pthread_cond_t& condition) noexcept {
  return (__atomic_load_n(&condition.__data.__wrefs, __ATOMIC_RELAXED) & 1) != 0;
}

/// Returns a word of the lock that glibc does not use and that every initialisation sets to zero. The detector stores
/// the lock's identity there, and so recognises a new lock in the memory of an old one. nullptr for locks that have no
/// such word or that are shared between processes.
inline std::uint64_t* stamp_of(pthread_mutex_t& mutex) noexcept {
  static_assert(sizeof mutex.__data.__list.__prev == sizeof(std::uint64_t));
  if ((kind_of(mutex) & (kMutexRobust | kMutexShared)) != 0) return nullptr;
  return reinterpret_cast<std::uint64_t*>(&mutex.__data.__list.__prev);
}
inline std::uint64_t* stamp_of(pthread_rwlock_t& rwlock) noexcept {
  if (is_shared(rwlock)) return nullptr;
  static_assert(sizeof rwlock.__data.__pad3 + sizeof rwlock.__data.__pad4 == sizeof(std::uint64_t));
  return reinterpret_cast<std::uint64_t*>(&rwlock.__data.__pad3);
}

}  // namespace racetrack::deadlock
