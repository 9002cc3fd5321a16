#include "explore/trace/operation_name.hpp"

#include <array>
#include <cstddef>

namespace racetrack::explore {

std::string_view operation_name(Operation operation) {
  static constexpr std::array kNames{"read",
                                     "write",
                                     "load",
                                     "store",
                                     "exchange",
                                     "fetch_add",
                                     "fetch_sub",
                                     "fetch_and",
                                     "fetch_or",
                                     "fetch_xor",
                                     "fetch_nand",
                                     "compare_exchange",
                                     "compare_exchange fails,",
                                     "fence",
                                     "lock",
                                     "try_lock fails",
                                     "unlock",
                                     "lock_shared",
                                     "try_lock_shared fails",
                                     "unlock_shared",
                                     "lock exclusive",
                                     "try_lock exclusive fails",
                                     "unlock exclusive",
                                     "wait",
                                     "woken",
                                     "wait times out",
                                     "notify_one",
                                     "notify_all",
                                     "semaphore wait",
                                     "semaphore try fails",
                                     "semaphore post",
                                     "barrier wait",
                                     "barrier pass",
                                     "futex wait",
                                     "futex woken",
                                     "futex differs",
                                     "futex times out",
                                     "futex wake",
                                     "static initialisation begins",
                                     "static initialisation ends",
                                     "static is initialised already",
                                     "call_once",
                                     "waits for",
                                     "starts thread",
                                     "waits for the end of thread",
                                     "joined thread",
                                     "detaches thread",
                                     "ends",
                                     "yield",
                                     "sleep",
                                     "allocates",
                                     "frees",
                                     "chooses",
                                     "wakes spuriously",
                                     "cancels thread",
                                     "is cancelled"};
  static_assert(kNames.size() == static_cast<std::size_t>(Operation::cancelled) + 1);
  return kNames[static_cast<std::size_t>(operation)];
}

std::string_view memory_order_name(int order) {
  static constexpr std::array<std::string_view, 6> kNames{"relaxed", "consume", "acquire",
                                                          "release", "acq_rel", "seq_cst"};
  return order >= 0 && order < 6 ? kNames[static_cast<std::size_t>(order)] : std::string_view{};
}

}  // namespace racetrack::explore
