// What code tells ThreadSanitizer of itself, as libtsan names it (tsan/dynamic_annotations). Headers call these wherever they are
// compiled with -fsanitize=thread: libcds's do. That something happens before something else is taken at its word: it may be by assembly or
// by the kernel. That a race is benign, or a lock a lock, is not: atomics are seen as they are.
#include <cstddef>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

void publish(const volatile void* at) {
  if (!runtime.watching) return;
  const Inside inside;
  SyncObject& object = object_at(at);
  Thread& thread = current_thread();
  object.released.join(thread.clock);  // beside what others have published there
  thread.clock.tick(thread.id);
}

void learn(const volatile void* at) {
  if (!runtime.watching) return;
  const Inside inside;
  acquire_from(object_at(at));
}

}  // namespace

RACETRACK_INTERPOSED void __tsan_release(void* at) { publish(at); }
RACETRACK_INTERPOSED void __tsan_acquire(void* at) { learn(at); }
// NOLINTBEGIN(readability-identifier-naming): libtsan's names
RACETRACK_INTERPOSED void AnnotateHappensBefore(const char*, int, const volatile void* at) { publish(at); }
RACETRACK_INTERPOSED void AnnotateHappensAfter(const char*, int, const volatile void* at) { learn(at); }

#define RACETRACK_NOT_BELIEVED(name, ...) \
  RACETRACK_INTERPOSED void name(const char*, int __VA_OPT__(, ) __VA_ARGS__) {}
RACETRACK_NOT_BELIEVED(AnnotateIgnoreReadsBegin)
RACETRACK_NOT_BELIEVED(AnnotateIgnoreReadsEnd)
RACETRACK_NOT_BELIEVED(AnnotateIgnoreWritesBegin)
RACETRACK_NOT_BELIEVED(AnnotateIgnoreWritesEnd)
RACETRACK_NOT_BELIEVED(AnnotateIgnoreSyncBegin)
RACETRACK_NOT_BELIEVED(AnnotateIgnoreSyncEnd)
RACETRACK_NOT_BELIEVED(AnnotateBenignRace, const volatile void*, const char*)
RACETRACK_NOT_BELIEVED(AnnotateBenignRaceSized, const volatile void*, std::size_t, const char*)
RACETRACK_NOT_BELIEVED(AnnotateNewMemory, const volatile void*, std::size_t)
RACETRACK_NOT_BELIEVED(AnnotateThreadName, const char*)
RACETRACK_NOT_BELIEVED(AnnotateRWLockCreate, const volatile void*)
RACETRACK_NOT_BELIEVED(AnnotateRWLockCreateStatic, const volatile void*)
RACETRACK_NOT_BELIEVED(AnnotateRWLockDestroy, const volatile void*)
RACETRACK_NOT_BELIEVED(AnnotateRWLockAcquired, const volatile void*, long)
RACETRACK_NOT_BELIEVED(AnnotateRWLockReleased, const volatile void*, long)
#undef RACETRACK_NOT_BELIEVED
// NOLINTEND(readability-identifier-naming)
