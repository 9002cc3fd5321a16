#include "explore/weak/limits.hpp"

#include "explore/schedule/scheduler.hpp"
#include "explore/weak/store_history.hpp"
#include "explore/weak/weak_memory.hpp"

namespace racetrack::explore {

std::string limits_of(Memory memory) {
  if (memory == Memory::sequential) return "";
  return "weak memory: a load may read one of the latest " + std::to_string(StoreHistory::kKept) +
         " stores of its location, not the latest in at most " + std::to_string(Scheduler::kStaleReads) +
         " loads of an execution, and not after " + std::to_string(kMostRepeatedReads) +
         " loads in a row that read known values. Never shown: loads of stores that are executed later (load "
         "buffering), "
         "modification orders other than the order of execution, read-modify-writes of older stores, stale plain data";
}

}  // namespace racetrack::explore
