// The interface between the deadlock detector (libracetrack_deadlock.so, preloaded into the program under test) and the
// process that started that program. This comment is the whole contract.
//
// Switches are environment variables, read once when the library is loaded and inherited by child processes:
//
//   LD_PRELOAD                    the library
//   RACETRACK_DEADLOCK_REPORT     absolute path of a file; every process appends whole lines to it. Unset: standard
//                                 error
//   RACETRACK_DEADLOCK_SHARED     absolute path of a file of the size of a SharedPage, initially zeros (see
//                                 shared_page.hpp). Unset: nothing is shared
//   RACETRACK_DEADLOCK_ACTION     "exit": a deadlocked process writes its report and ends at once with kExitCode.
//                                 Otherwise it remains deadlocked
//   RACETRACK_DEADLOCK_ORDER      "1": also record the order of locks, and report cycles that did not cause a deadlock
//   RACETRACK_DEADLOCK_STACKS     "1": record a full stack for every lock taken, not only its return address
//
// The report is one JSON object per line:
//
//   {"kind": KIND, "pid": N, "program": PATH, "text": TEXT, "cycle": [THREAD...], "counter": N}
//
//   KIND    loaded               the detector is loaded into this process; not a finding
//           deadlock             a cycle of threads that wait for each other and can never continue; or a wait for a
//                                lock whose holder has ended
//           lost_wakeup          every thread waits without a time-out, and no thread is left to wake one
//           potential_deadlock   threads took these locks in orders that can deadlock, but did not in this run
//           misuse               a thread released a lock that it does not hold; the second thread, if any, holds it
//           A potential_deadlock is reported once per process for the same places in the code, for any locks
//   counter only for a potential_deadlock with a SharedPage: the index of its counter there, which counts the sets of
//           locks with this finding
//   TEXT    the finding as text, without symbols
//   THREAD  {"thread": 2, "tid": 4711, "thread_name": NAME, "wants": LOCK or null, "holds": [LOCK...]}
//           Threads are numbered in order of creation, from 1 (the first of the process). In a deadlock, each thread
//           waits for a lock that the next one holds, or for the end of the next one; the last waits for the first. In
//           a lost wakeup these are all threads. A thread that no longer exists has "end": "returned", "exited"
//           (pthread_exit), "cancelled", or "not_forked" (it exists only in the parent of this process)
//   LOCK    {"address": "0x55...", "kind": "mutex", "module": PATH, "offset": "0x...", "stack": [FRAME...]}
//           kind: mutex, rwlock_read, rwlock_write, once, join, condition, semaphore, barrier or futex. module and
//           offset are the position of the lock in a file's image, and empty on heap and stack. The stack is that of
//           the call that took it or waits for it, innermost frame first
//   FRAME   {"pc": "0x7f...", "module": PATH, "offset": "0x..."}; the offset counts from the beginning of the file.
//           pc is a return address; one less is an address within the call
#pragma once

namespace racetrack::deadlock {

inline constexpr char kReportVariable[] = "RACETRACK_DEADLOCK_REPORT";
inline constexpr char kSharedVariable[] = "RACETRACK_DEADLOCK_SHARED";
inline constexpr char kActionVariable[] = "RACETRACK_DEADLOCK_ACTION";
inline constexpr char kOrderVariable[] = "RACETRACK_DEADLOCK_ORDER";
inline constexpr char kStacksVariable[] = "RACETRACK_DEADLOCK_STACKS";
inline constexpr char kActionExit[] = "exit";

/// Exit code of a deadlocked process when kActionVariable is kActionExit.
inline constexpr int kExitCode = 66;

}  // namespace racetrack::deadlock
