#include "explore/interpose/primitive.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include <climits>
#include <csignal>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>

#include "explore/interpose/real.hpp"

namespace racetrack::explore {
namespace {

/// The content of a destroyed object: a byte that no initialiser leaves in the first byte of any of them.
constexpr unsigned char kDestroyed = 0xdb;

std::size_t size_of(Primitive primitive) noexcept {
  switch (primitive) {
    case Primitive::mutex: return sizeof(pthread_mutex_t);
    case Primitive::condition: return sizeof(pthread_cond_t);
    case Primitive::rwlock: return sizeof(pthread_rwlock_t);
    case Primitive::barrier: return sizeof(pthread_barrier_t);
    case Primitive::semaphore: return sizeof(sem_t);
    case Primitive::spin_lock: return sizeof(pthread_spinlock_t);
    case Primitive::once_flag: return sizeof(pthread_once_t);
    case Primitive::none: break;
  }
  return 0;
}

template <class Content>
Content read_at(std::uintptr_t address) noexcept {
  Content content;
  std::memcpy(&content, reinterpret_cast<const void*>(address), sizeof content);
  return content;
}

/// glibc's layouts of the types that pthread.h does not show.
struct BarrierContent {
  unsigned in, current_round, count;
  int shared;
  unsigned out, unused[3];
};
static_assert(sizeof(BarrierContent) == sizeof(pthread_barrier_t));
struct SemaphoreContent {
  unsigned value, waiters;
  int shared;
  int unused[5];
};
static_assert(sizeof(SemaphoreContent) == sizeof(sem_t));

[[gnu::section("racetrack_state")]] constinit std::array<std::uintptr_t, 1024> initialised_before{};
[[gnu::section("racetrack_state")]] constinit std::size_t initialised_count = 0;

bool is_remembered(std::uintptr_t address) noexcept {
  for (std::size_t i = 0; i < initialised_count && i < initialised_before.size(); ++i) {
    if (initialised_before[i] == address) return true;
  }
  return initialised_count > initialised_before.size();  // some were not recorded
}

/// Whether an initialiser leaves such content. The explorer keeps its state elsewhere, so the content does not change
/// during an execution. An object that was used before the execution may have the content of an unused one or of one in
/// use.
bool is_initialised(Primitive primitive, std::uintptr_t address) noexcept {
  constexpr unsigned kFew = 1U << 20U;  // waiters, readers
  switch (primitive) {
    case Primitive::mutex: {
      const auto mutex = read_at<pthread_mutex_t>(address).__data;
      constexpr int kKnownKinds = 0x3ff;  // type, robust, protocol, shared between processes, elision
      const bool kind = (mutex.__kind & ~kKnownKinds) == 0;
      const bool at_rest = mutex.__lock == 0 && mutex.__count == 0 && mutex.__owner == 0 && mutex.__nusers == 0;
      const bool held = mutex.__lock != 0 && mutex.__owner > 0 && mutex.__nusers < kFew;
      return kind && (at_rest || held);
    }
    case Primitive::condition: {
      const auto condition = read_at<pthread_cond_t>(address).__data;
      return condition.__wrefs <= 3 && condition.__g_refs[0] < kFew && condition.__g_refs[1] < kFew &&
             condition.__g_size[0] < kFew && condition.__g_size[1] < kFew && condition.__g1_orig_size < kFew;
    }
    case Primitive::rwlock: {
      const auto lock = read_at<pthread_rwlock_t>(address).__data;
      return lock.__flags <= 2 && lock.__readers < kFew && lock.__writers < kFew && lock.__wrphase_futex <= 3 &&
             lock.__writers_futex <= 3 && (lock.__shared == 0 || lock.__shared == 1) && lock.__cur_writer >= 0;
    }
    case Primitive::barrier: {
      const auto barrier = read_at<BarrierContent>(address);
      return barrier.count != 0 && barrier.count <= INT_MAX && barrier.in <= barrier.count &&
             (barrier.shared == 0 || barrier.shared == 128);
    }
    case Primitive::semaphore: {
      const auto semaphore = read_at<SemaphoreContent>(address);
      if (semaphore.value == 0 && semaphore.shared == 0) return semaphore.waiters == 0 && is_remembered(address);
      return semaphore.value <= INT_MAX && semaphore.waiters < kFew &&
             (semaphore.shared == 0 || semaphore.shared == 128);
    }
    case Primitive::spin_lock: return read_at<int>(address) == 1;
    case Primitive::once_flag: {
      const int control = read_at<int>(address);
      return control == PTHREAD_ONCE_INIT || control == 2;
    }
    case Primitive::none: break;
  }
  return true;
}

bool is_marked_destroyed(Primitive primitive, std::uintptr_t address) noexcept {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(address);
  for (std::size_t i = 0; i < size_of(primitive); ++i) {
    if (bytes[i] != kDestroyed) return false;
  }
  return true;
}

/// Whether the memory can be read. Asks the kernel where necessary.
bool is_readable(std::uintptr_t address, std::size_t size) noexcept {
  if (in_arena(address)) {
    return runtime.arena.state(address) != Arena::State::never &&
           runtime.arena.state(address + size - 1) != Arena::State::never;
  }
  if (on_a_stack(address)) {
    const Thread& owner = runtime.threads[(address - kStacksBase) / kStackSlot];
    return address >= owner.fiber.stack_bottom && owner.fiber.stack_bottom != 0;
  }
  // The kernel reads a signal set from the address before it refuses the operation.
  const auto reads = [](std::uintptr_t at) {
    return raw_syscall(SYS_rt_sigprocmask, ~0L, static_cast<long>(at), 0, 8) != -EFAULT;
  };
  return reads(address) && reads((address + size - 1) & ~std::uintptr_t{7});
}

std::string hexadecimal(std::uintptr_t address) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%lx", address);
  return text.data();
}

[[noreturn]] void report(Primitive primitive, std::uintptr_t address, const char* action, const std::string& why) {
  const ExplorerScope explorer_scope;
  fail({.kind = "misuse",
        .text = "thread " + std::to_string(runtime.current->id) + " " + action + " a " + name_of(primitive) + why,
        .signature = std::string(action) + name_of(primitive) + why,
        .address = address});
}

void check_memory(std::uintptr_t address, Primitive primitive, const char* action) {
  constexpr std::uintptr_t kFirstPage = 4096;
  if (address < kFirstPage) report(primitive, 0, action, " by a null pointer");
  check_object_memory(address);
  if (!is_readable(address, size_of(primitive))) {
    report(primitive, 0, action, " by a wild pointer: nothing is allocated at " + hexadecimal(address));
  }
}

std::uint64_t hash_of_calls(const Thread& thread) noexcept {
  std::uint64_t hash = thread.caller;
  for (unsigned i = 0; i < thread.depth && i < Thread::kStackDepth; ++i) {
    hash = (hash ^ thread.calls[i]) * 0x9E3779B97F4A7C15U;
  }
  return hash;
}

bool is_in_use(const SyncObject& object) noexcept {
  return object.owner != SyncObject::kNoOwner || object.readers != 0 || object.waiters != 0;
}

/// Begins a new object at the address of `object` and drops the state of an earlier one.
void begin(SyncObject& object, Primitive primitive, bool by_call) {
  const std::uint32_t next = object.next;
  const VectorClock published =
      object.lifetime == Lifetime::unknown ? object.released : VectorClock{};  // published by an annotation
  object.begin(object.address);
  object.next = next;
  object.released = published;
  object.read_locks.fill(0);
  object.primitive = primitive;
  object.lifetime = Lifetime::alive;
  object.initialised_by_call = by_call;
}

/// Reads the count or limit that was set before the execution.
void take_over_content(SyncObject& object) noexcept {
  if (object.primitive == Primitive::semaphore) {
    object.value = static_cast<std::int32_t>(read_at<SemaphoreContent>(object.address).value);
  } else if (object.primitive == Primitive::barrier) {
    object.limit = static_cast<std::int32_t>(read_at<BarrierContent>(object.address).count);
  }
}

/// Whether an object that is now used as another kind is certain to live. At the same address, variables of a stack
/// frame and constructed objects may follow each other without a call.
bool surely_lives(const SyncObject& object) noexcept {
  if (is_in_use(object)) return true;
  return object.initialised_by_call && (!object.used || !on_a_stack(object.address));
}

void use_for_the_first_time(SyncObject& object, Primitive primitive, const char* action) {
  const std::uintptr_t address = object.address;
  check_memory(address, primitive, action);
  if (object.lifetime == Lifetime::alive && object.primitive != primitive && surely_lives(object)) {
    report(primitive, address, action, std::string(" at the address of a ") + name_of(object.primitive));
  }
  if (is_marked_destroyed(primitive, address)) report(primitive, address, action, " that has been destroyed");
  if (!is_initialised(primitive, address)) report(primitive, address, action, " that was never initialised");
  begin(object, primitive, false);
  take_over_content(object);
}

}  // namespace

const char* name_of(Primitive primitive) noexcept {
  switch (primitive) {
    case Primitive::mutex: return "mutex";
    case Primitive::condition: return "condition variable";
    case Primitive::rwlock: return "read-write lock";
    case Primitive::barrier: return "barrier";
    case Primitive::semaphore: return "semaphore";
    case Primitive::spin_lock: return "spin lock";
    case Primitive::once_flag: return "once flag";
    case Primitive::none: break;
  }
  return "synchronisation object";
}

SyncObject& use_object(const volatile void* address, Primitive primitive, const char* action) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  SyncObject& object = object_at(at);
  if (object.lifetime == Lifetime::alive && object.primitive == primitive) [[likely]] {
    check_object_memory(at);
  } else {
    use_for_the_first_time(object, primitive, action);
  }
  object.used = true;
  return object;
}

SyncObject& begin_object(const volatile void* address, Primitive primitive) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  check_memory(at, primitive, "initialises");
  SyncObject& object = object_at(at);
  const std::uint64_t calls = hash_of_calls(*runtime.current);
  if (object.lifetime == Lifetime::alive && object.primitive == primitive) {
    // A stack address may belong to a new variable: a loop's body has a new one in each iteration.
    const bool lives = !on_a_stack(at) || (!object.used && object.initialised_at != calls);
    if (is_in_use(object)) report(primitive, at, "initialises", " that is in use");
    if (object.initialised_by_call && lives) report(primitive, at, "initialises", " that is initialised already");
  }
  begin(object, primitive, true);
  object.initialised_at = calls;
  return object;
}

void end_object(SyncObject& object) {
  std::memset(reinterpret_cast<void*>(object.address), kDestroyed, size_of(object.primitive));
  object.lifetime = Lifetime::destroyed;
  object.waiters = 0;  // the remaining ones have been woken
}

void remember_initialised(const volatile void* address) noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  if (is_remembered(at)) return;
  if (initialised_count < initialised_before.size()) initialised_before[initialised_count] = at;
  ++initialised_count;
}

void report_misuse(const SyncObject& object, const char* action, const char* why) {
  report(object.primitive, object.address, action, why);
}

}  // namespace racetrack::explore
