#include "host/thread_sanitizer.hpp"

#include <sys/personality.h>

#include "host/build_facts.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

bool built_for_tsan() { return build_facts().flavour == "tsan"; }

std::string tsan_options(const std::string& users, const std::filesystem::path& log) {
  const std::string name = log.string();
  const char quote = name.find('"') == std::string::npos ? '"' : '\'';
  if (name.find(quote) != std::string::npos) {
    throw usage_error(name + ": ThreadSanitizer accepts no path with both kinds of quotes: choose another --out");
  }
  // The last setting of an option takes effect. history_size: both stacks of a race, even if the first access was long
  // ago.
  return "history_size=5:second_deadlock_stack=1:die_after_fork=0:" + users +
         ":halt_on_error=0:color=never:stack_trace_format=\"    #%n %f %S %M\":exitcode=" +
         std::to_string(kTsanReported) + ":log_path=" + quote + name + quote;
}

bool tsan_found_its_addresses_taken(const ChildOutcome& outcome) {
  return outcome.how == ChildOutcome::How::exit &&
         outcome.last_output.find("FATAL: ThreadSanitizer: unexpected memory mapping") != std::string::npos;
}

bool stop_randomising_addresses() {
  const int now = personality(0xffffffff);
  if (now >= 0 && (static_cast<unsigned>(now) & ADDR_NO_RANDOMIZE) != 0) return false;
  if (now < 0 || personality(static_cast<unsigned>(now) | ADDR_NO_RANDOMIZE) < 0) {
    throw usage_error(
        "ThreadSanitizer's addresses are in use, and the system refuses to keep them free: `sysctl "
        "vm.mmap_rnd_bits=28` "
        "as root, "
        "or in a container `--security-opt seccomp=unconfined`");
  }
  return true;
}

}  // namespace racetrack::host
