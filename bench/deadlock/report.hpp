// What passes between the deadlock detector (libracetrack_deadlock.so, preloaded into the program under test) and whoever
// started that program. This page is the whole contract.
//
// Switches are environment variables, read once when the library is loaded and inherited by child processes:
//
//   LD_PRELOAD                    the library
//   RACETRACK_DEADLOCK_REPORT     absolute path of a file; every process appends whole lines to it. Unset: standard error
//   RACETRACK_DEADLOCK_SHARED     absolute path of a file as long as a SharedPage, zeros at first (see shared_page.hpp). Unset: none
//   RACETRACK_DEADLOCK_ACTION     "exit": a process that is deadlocked writes its report and ends at once with kExitCode.
//                                 Otherwise it stays as it is, stuck
//   RACETRACK_DEADLOCK_ORDER      "1": watch the order of locks too, and report cycles that did not happen this time
//   RACETRACK_DEADLOCK_STACKS     "1": a full stack for every lock taken, not only its return address
//
// The report is one JSON object per line:
//
//   {"kind": KIND, "pid": N, "program": PATH, "text": TEXT, "cycle": [THREAD...], "counter": N}
//
//   KIND    loaded               the detector is at work in this process; no finding
//           deadlock             a cycle of waits that can never end, each for the next; or a wait for a lock whose holder is gone
//           lost_wakeup          every thread of the process waits, without a time-out, and nobody is left to wake one
//           potential_deadlock   threads took these locks in orders that can deadlock, though they did not this time
//           misuse               a lock released by a thread that does not hold it; the second thread, if any, holds it
//           A potential_deadlock is reported once per process for the same places in the code, whatever locks were taken there
//   counter only with a SharedPage, of a potential_deadlock: its counter there, the number of sets of locks that were met
//   TEXT    the same for a reader, without symbols
//   THREAD  {"thread": 2, "tid": 4711, "thread_name": NAME, "wants": LOCK or null, "holds": [LOCK...]}
//           threads count from 1 (the first of the process) in order of creation. In a deadlock, each thread wants what the
//           next one holds (the last: what the first holds), or waits for the end of the next one. In a lost wakeup these
//           are all threads
//           A thread that is gone has "end": "returned", "exited" (pthread_exit), "cancelled", or "not_forked": it exists only in the
//           parent of this process
//   LOCK    {"address": "0x55...", "kind": "mutex", "module": PATH, "offset": "0x...", "stack": [FRAME...]}
//           kind: mutex, rwlock_read, rwlock_write, once, join, condition, semaphore, barrier or futex; module
//           and offset say where in a file's image it lies, and are empty for heap and stack. The stack says where it was
//           taken or waited for, innermost frame first
//   FRAME   {"pc": "0x7f...", "module": PATH, "offset": "0x..."}; the offset counts from the beginning of the file, and pc
//           is where the call returns to: one less lies within the call
#pragma once

namespace racetrack::deadlock {

inline constexpr char kReportVariable[] = "RACETRACK_DEADLOCK_REPORT";
inline constexpr char kSharedVariable[] = "RACETRACK_DEADLOCK_SHARED";
inline constexpr char kActionVariable[] = "RACETRACK_DEADLOCK_ACTION";
inline constexpr char kOrderVariable[] = "RACETRACK_DEADLOCK_ORDER";
inline constexpr char kStacksVariable[] = "RACETRACK_DEADLOCK_STACKS";
inline constexpr char kActionExit[] = "exit";

/// How a process ends that was found deadlocked, with kActionVariable set to kActionExit.
inline constexpr int kExitCode = 66;

}  // namespace racetrack::deadlock
