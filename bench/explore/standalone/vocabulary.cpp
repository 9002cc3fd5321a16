// The functions of <racetrack/explore.hpp> that test bodies call.
#include <algorithm>
#include <string>
#include <string_view>

#include <racetrack/explore.hpp>

#include "explore/runtime.hpp"

using namespace racetrack::explore;

namespace {

/// Alternatives that one digit of a replay token can express.
constexpr unsigned kMostAlternatives = 64;

unsigned pick_below(unsigned count) {
  if (count <= kMostAlternatives) return runtime.scheduler.pick(count);
  unsigned span = kMostAlternatives;
  while (count / span >= kMostAlternatives) span *= kMostAlternatives;
  const unsigned block = runtime.scheduler.pick((count - 1) / span + 1);
  return block * span + pick_below(std::min(span, count - block * span));
}

std::string place_text(const char* file, int line) {
  const std::string_view path(file);
  return std::string(path.substr(path.rfind('/') + 1)) + ":" + std::to_string(line);
}

}  // namespace

void racetrack_explore_check(int holds, const char* what, const char* file, int line) {
  if (holds != 0) return;
  const ExplorerScope explorer_scope;
  const std::string place = place_text(file, line);
  fail({.kind = "wrong_result", .text = place + ": does not hold: " + what, .signature = place});
}

void racetrack_explore_differ(const char* what, const char* actual, const char* expected, const char* file, int line) {
  const ExplorerScope explorer_scope;
  const std::string place = place_text(file, line);
  fail({.kind = "wrong_result",
        .text = place + ": does not hold: " + what + ": " + actual + " instead of " + expected,
        .signature = place});
}

void racetrack_explore_assume(int holds) {
  if (holds != 0 || !runtime.watching) return;
  const ExplorerScope explorer_scope;
  fail({.kind = kAbandoned, .text = "assume() abandons the execution", .signature = ""});
}

unsigned racetrack_explore_choose(unsigned count) {
  if (count < 2 || !runtime.watching) return 0;
  const ExplorerScope explorer_scope;
  runtime.scheduler.point({});
  const unsigned chosen = pick_below(count);
  note(Operation::choice, 0, chosen);
  return chosen;
}

void racetrack_explore_begin_atomic(void) {
  if (!runtime.watching) return;
  const ExplorerScope explorer_scope;
  runtime.scheduler.point({});
  ++runtime.current->indivisible;
}

void racetrack_explore_end_atomic(void) {
  if (!runtime.watching) return;
  const ExplorerScope explorer_scope;
  if (runtime.current->indivisible == 0) fail("misuse", "end of an atomic block without its beginning");
  if (--runtime.current->indivisible == 0) runtime.scheduler.reconsider();
}

void racetrack_explore_name(const volatile void* object, const char* name) {
  if (!runtime.watching) return;
  const ExplorerScope explorer_scope;
  if (runtime.recording) runtime.events.names.emplace_back(reinterpret_cast<std::uintptr_t>(object), name);
}
