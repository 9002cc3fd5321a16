// The functions by which code annotates itself for ThreadSanitizer, as libtsan names them (tsan/dynamic_annotations).
// Headers call them when they are compiled with -fsanitize=thread; those of libcds do. Happens-before annotations are
// honoured, because assembly or the kernel may establish such an order. Annotations of benign races and of locks are
// ignored: the explorer observes the atomics themselves.
#include <cstddef>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

void publish(const volatile void* at) {
  if (!runtime.watching) return;
  const ExplorerScope explorer_scope;
  SyncObject& object = object_at(at);
  Thread& thread = current_thread();
  object.released.join(thread.clock);  // keeps what other threads have published there
  thread.clock.tick(thread.id);
}

void acquire(const volatile void* at) {
  if (!runtime.watching) return;
  const ExplorerScope explorer_scope;
  acquire_from(object_at(at));
}

}  // namespace

RACETRACK_INTERPOSED void __tsan_release(void* at) { publish(at); }
RACETRACK_INTERPOSED void __tsan_acquire(void* at) { acquire(at); }
// NOLINTBEGIN(readability-identifier-naming): libtsan's names
RACETRACK_INTERPOSED void AnnotateHappensBefore(const char*, int, const volatile void* at) { publish(at); }
RACETRACK_INTERPOSED void AnnotateHappensAfter(const char*, int, const volatile void* at) { acquire(at); }

#define RACETRACK_IGNORED(name, ...) \
  RACETRACK_INTERPOSED void name(const char*, int __VA_OPT__(, ) __VA_ARGS__) {}
RACETRACK_IGNORED(AnnotateIgnoreReadsBegin)
RACETRACK_IGNORED(AnnotateIgnoreReadsEnd)
RACETRACK_IGNORED(AnnotateIgnoreWritesBegin)
RACETRACK_IGNORED(AnnotateIgnoreWritesEnd)
RACETRACK_IGNORED(AnnotateIgnoreSyncBegin)
RACETRACK_IGNORED(AnnotateIgnoreSyncEnd)
RACETRACK_IGNORED(AnnotateBenignRace, const volatile void*, const char*)
RACETRACK_IGNORED(AnnotateBenignRaceSized, const volatile void*, std::size_t, const char*)
RACETRACK_IGNORED(AnnotateNewMemory, const volatile void*, std::size_t)
RACETRACK_IGNORED(AnnotateThreadName, const char*)
RACETRACK_IGNORED(AnnotateRWLockCreate, const volatile void*)
RACETRACK_IGNORED(AnnotateRWLockCreateStatic, const volatile void*)
RACETRACK_IGNORED(AnnotateRWLockDestroy, const volatile void*)
RACETRACK_IGNORED(AnnotateRWLockAcquired, const volatile void*, long)
RACETRACK_IGNORED(AnnotateRWLockReleased, const volatile void*, long)
#undef RACETRACK_IGNORED
// NOLINTEND(readability-identifier-naming)
