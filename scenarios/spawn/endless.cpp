// The endless loop that prints its process number and the time. endless_program.cpp describes each subject.
#include <cstdint>
#include <string>
#include <vector>

#include <racetrack/expectations.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/plugin_folder.hpp>
#include <racetrack/spawn.hpp>

namespace {

enum class How { sleep_until, sleep_for, stdio_buffered, swallows_sigint };

constexpr const char* word_of(How how) {
  switch (how) {
    case How::sleep_until: return "sleep_until";
    case How::sleep_for: return "sleep_for";
    case How::stdio_buffered: return "stdio_buffered";
    case How::swallows_sigint: return "swallows_sigint";
  }
  return "";
}

template <How kHow>
struct Program {
  [[nodiscard]] static std::vector<std::string> command(std::uint64_t interval_us) {
    return {racetrack::program_in_plugin_folder("racetrack_endless"), word_of(kHow), std::to_string(interval_us)};
  }
};

template <How kHow>
void add_control(racetrack::Registry& registry, const racetrack::Expectation& expectation) {
  registry.add<racetrack::spawn::Endless, Program<kHow>>(word_of(kHow), {.call = "nanosleep"}, expectation,
                                                         racetrack::Standing::control);
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::spawn::Endless;
  registry.add<Endless, Program<How::sleep_until>>("sleep_until", {.call = "clock_nanosleep, TIMER_ABSTIME"});
  registry.add<Endless, Program<How::sleep_for>>("sleep_for", {.call = "nanosleep", .in_default_sweep = false});
  add_control<How::stdio_buffered>(registry, racetrack::expect_fault("oracle.lines", "torn"));
  add_control<How::swallows_sigint>(registry, racetrack::expect_fault("oracle.stop", "hang"));
}
