#include "explore/trace/words.hpp"

#include <array>
#include <cstddef>

namespace racetrack::explore {

std::string_view word_of(Operation operation) {
  static constexpr std::array kWords{"read",
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
                                     "static is initialised",
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
                                     "wakes without a cause",
                                     "cancels thread",
                                     "is cancelled"};
  static_assert(kWords.size() == static_cast<std::size_t>(Operation::cancelled) + 1);
  return kWords[static_cast<std::size_t>(operation)];
}

std::string_view order_word(int order) {
  static constexpr std::array<std::string_view, 6> kWords{"relaxed", "consume", "acquire",
                                                          "release", "acq_rel", "seq_cst"};
  return order >= 0 && order < 6 ? kWords[static_cast<std::size_t>(order)] : std::string_view{};
}

}  // namespace racetrack::explore
