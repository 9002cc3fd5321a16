#include "host/unanswered.hpp"

#include "host/record.hpp"
#include "host/safe_text.hpp"

namespace racetrack::host {

Exit print_unanswered(const std::string& what, const ChildOutcome& outcome) {
  const Verdict verdict = verdict_of(outcome);
  const bool failed = verdict.result == Result::fail;
  const std::string kind = failed ? verdict.kind + " (" + verdict.detector + ")" : "unknown";
  const std::string& output = outcome.last_output;
  print_safely(stdout, "{}: {}: {}\n{}{}", what, kind, verdict.witness, output,
               output.empty() || output.ends_with('\n') ? "" : "\n");
  return failed ? Exit::unexpected : Exit::incomplete;
}

}  // namespace racetrack::host
