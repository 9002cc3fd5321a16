// Random devices are virtual: their numbers follow from the entropy of the execution's schedule, so that a token
// repeats them. The instructions rdrand and rdseed in the subject's own code are not controlled. libstdc++ executes
// them only in std::random_device, which is.
#include <cstdint>
#include <cstring>

#include <sys/random.h>

#include "explore/interpose/random_device.hpp"
#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

namespace racetrack::explore {

void draw_bytes(void* to, std::size_t size) {
  runtime.notes.add("not tried: other numbers from random devices than those of one seed per execution");
  runtime.entropy.fill(to, size);
}

}  // namespace racetrack::explore

using namespace racetrack::explore;

namespace {

template <class Result, class... Parameters, class... Arguments>
Result call_next(const char* name, Arguments... arguments) {
  const auto next = reinterpret_cast<Result (*)(Parameters...)>(next_symbol(name));
  return next(arguments...);
}

std::uint32_t draw_word() {
  std::uint32_t word = 0;
  draw_bytes(&word, sizeof word);
  return word;
}

}  // namespace

RACETRACK_INTERPOSED ssize_t getrandom(void* to, std::size_t size, unsigned flags) {
  if (!runtime.watching) return call_next<ssize_t, void*, std::size_t, unsigned>("getrandom", to, size, flags);
  const ExplorerScope explorer_scope;
  draw_bytes(to, size);
  return static_cast<ssize_t>(size);
}
RACETRACK_INTERPOSED int getentropy(void* to, std::size_t size) {
  if (!runtime.watching) return call_next<int, void*, std::size_t>("getentropy", to, size);
  const ExplorerScope explorer_scope;
  draw_bytes(to, size);
  return 0;
}
RACETRACK_INTERPOSED std::uint32_t arc4random() {
  if (!runtime.watching) return call_next<std::uint32_t>("arc4random");
  const ExplorerScope explorer_scope;
  return draw_word();
}
RACETRACK_INTERPOSED void arc4random_buf(void* to, std::size_t size) {
  if (!runtime.watching) return call_next<void, void*, std::size_t>("arc4random_buf", to, size);
  const ExplorerScope explorer_scope;
  draw_bytes(to, size);
}
RACETRACK_INTERPOSED std::uint32_t arc4random_uniform(std::uint32_t bound) {
  if (!runtime.watching) return call_next<std::uint32_t, std::uint32_t>("arc4random_uniform", bound);
  const ExplorerScope explorer_scope;
  return static_cast<std::uint32_t>((std::uint64_t{draw_word()} * bound) >> 32U);
}
/// std::random_device::_M_getval(), behind its operator().
RACETRACK_INTERPOSED unsigned _ZNSt13random_device9_M_getvalEv(void* device) {
  if (!runtime.watching) return call_next<unsigned, void*>("_ZNSt13random_device9_M_getvalEv", device);
  const ExplorerScope explorer_scope;
  return draw_word();
}
