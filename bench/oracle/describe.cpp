#include "oracle/describe.hpp"

namespace racetrack::oracle {

std::string name_of(std::uint64_t value) {
  constexpr unsigned kSequenceBits = 48;
  const std::uint64_t sequence = value & ((std::uint64_t{1} << kSequenceBits) - 1);
  return "item " + std::to_string(sequence) + " of producer " + std::to_string(value >> kSequenceBits);
}

std::string describe(const Operation& operation) {
  const char* verb = operation.action == Action::push ? "pushed" : "popped";
  return "thread " + std::to_string(operation.thread) + " " + verb + " " + name_of(operation.value);
}

}  // namespace racetrack::oracle
