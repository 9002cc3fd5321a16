// The main function of programs made by racetrack_add_exploration().
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/syscall.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <racetrack/explore.hpp>

#include "explore/explorer.hpp"
#include "explore/interpose/real.hpp"
#include "explore/interpose/time_stamp.hpp"
#include "explore/schedule/strategies.hpp"
#include "explore/standalone/confirmation.hpp"
#include "explore/standalone/verdict_json.hpp"
#include "explore/trace/narrative.hpp"
#include "explore/weak/limits.hpp"
#include "explore/world/addresses.hpp"
#include "symbols/file_content.hpp"
#include "text/filter.hpp"
#include "text/safe_text.hpp"

namespace racetrack {
namespace {

constexpr int kAsExpected = 0, kFound = 1, kUsage = 2, kIncomplete = 3, kNothing = 4, kOutputLost = 74,
              kInterrupted = 130;

exploration::Test* first_test = nullptr;

/// Defined by googletest.cpp, which racetrack_add_exploration() adds to a program that links GoogleTest.
extern "C" [[gnu::weak]] void racetrack_explore_adopt_googletest();
/// testing::UnitTest::GetInstance(): not null when the program links GoogleTest.
extern "C" [[gnu::weak]] void* _ZN7testing8UnitTest11GetInstanceEv();  // NOLINT

struct Arguments {
  std::string filter, replay;
  text::Filter pattern{""};
  explore::Plan plan;
  std::string memory = "sc", fill = "pattern", races = "report", suppress;
  std::size_t memory_limit = explore::kUsualLimit >> 20U;
  bool keep_going = false, json = false;
  bool prints = false, traces = false, lists = false;
};

/// Prints the formatted text without characters that a terminal obeys or does not show. Use it for all output with
/// names or messages of tests.
[[gnu::format(printf, 1, 2)]] void print_safely(const char* format, ...) {
  std::va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  std::string text(static_cast<std::size_t>(std::max(0, std::vsnprintf(nullptr, 0, format, arguments))), '\0');
  va_end(arguments);
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  std::fputs(text::printable(text).c_str(), stdout);
}

[[noreturn]] void usage(const std::string& line) {
  std::fprintf(stderr, "%s (see --help)\n", text::printable_line(line).c_str());
  std::exit(kUsage);
}

std::vector<explore::Suppression> read_suppressions(const std::string& path) {
  std::ifstream input(path);
  if (!input) usage("--suppress " + path + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  std::string error;
  auto suppressions = explore::parse_suppressions(text, error);
  if (!suppressions) usage("--suppress " + path + ": " + error);
  return *std::move(suppressions);
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  arguments.plan.seconds = 10;
  arguments.plan.seed = 1;
  CLI::App app("Run the tests whose names match FILTER, each under many schedules.");
  app.footer(
      "Exit codes: 0 nothing found, 1 found, 2 usage, 3 inconclusive, 4 no such test, 74 output lost, 130 "
      "interrupted.");
  app.add_option("FILTER", arguments.filter,
                 "Regular expression (RE2) searched in the test name (default: every test)");
  app.add_flag("--list", arguments.lists, "Print the names of the tests");
  app.add_option("--time", arguments.plan.seconds, "Seconds for each test")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--executions", arguments.plan.executions,
                 "Executions for each test, at most (default: all that fit the time)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 53U));
  app.add_option("--seed", arguments.plan.seed, "Seed of the random strategies")->capture_default_str();
  app.add_option("--strategy", arguments.plan.strategies, "Use only this strategy (repeatable: several take turns)")
      ->check(CLI::IsMember(explore::strategy_names()));
  app.add_option("--memory", arguments.memory,
                 "sc: loads read the latest store; weak: also older stores that C++ allows")
      ->check(CLI::IsMember({"sc", "weak"}))
      ->capture_default_str();
  app.add_option("--threads", arguments.plan.world.threads,
                 "Threads that an execution may have, the first one included")
      ->check(CLI::Range(1U, explore::kMostThreads))
      ->capture_default_str();
  app.add_option("--steps", arguments.plan.most_steps, "Steps that an execution may have")
      ->check(CLI::Range(1U, 1U << 30U))
      ->capture_default_str();
  app.add_option("--memory-limit", arguments.memory_limit, "MiB that an execution may allocate")
      ->check(CLI::Range(std::size_t{1}, explore::kArenaSize >> 21U))
      ->capture_default_str();
  app.add_option("--fill", arguments.fill, "Content of new heap blocks; random: other bytes in each execution")
      ->check(CLI::IsMember({"pattern", "zero", "random"}))
      ->capture_default_str();
  app.add_flag("--json", arguments.json, "Print each verdict as one line of JSON");
  app.add_flag("--keep-going", arguments.keep_going,
               "Search for all distinct findings instead of stopping at the first");
  app.add_option(
         "--races", arguments.races,
         "report: races are findings; ignore: search for other faults only; steps: the same, with plain accesses "
         "as scheduling points")
      ->check(CLI::IsMember({"report", "ignore", "steps"}))
      ->capture_default_str();
  app.add_option("--suppress", arguments.suppress,
                 "File of findings not to report, a line each: KIND PLACE [PLACE] -- REASON");
  CLI::Option* const replay = app.add_option("--replay", arguments.replay, "Replay the failure that a token names");
  app.add_flag("--print", arguments.prints, "Print every step")->needs(replay);
  app.add_flag("--trace", arguments.traces)->needs(replay)->group("");  // for the process that confirms a finding
  try {
    app.parse(argc, argv);
    if (replay->count() != 0 && arguments.replay.empty()) usage("--replay needs a token");
    if (replay->count() != 0 && !arguments.filter.empty())
      usage("--replay: the token names the test; leave out FILTER");
    arguments.plan.memory = *explore::memory_called(arguments.memory);
    if (arguments.races != "report")
      arguments.plan.races = arguments.races == "ignore" ? explore::Races::ignore : explore::Races::steps;
    if (arguments.keep_going) arguments.plan.enough = [](const explore::Failure&) { return false; };
    if (!arguments.suppress.empty()) arguments.plan.suppressions = read_suppressions(arguments.suppress);
    arguments.plan.world.memory_limit = arguments.memory_limit << 20U;
    arguments.plan.world.fill = *explore::fill_called(arguments.fill);
    arguments.pattern = text::Filter(arguments.filter);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    std::exit(kAsExpected);
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    usage(line);
  } catch (const std::invalid_argument& error) {
    usage(error.what());
  }
  return arguments;
}

/// Identifies the build, because a token is valid only for the same build.
std::string build_of_this_program() {
  std::uint32_t sum = 2166136261U;  // FNV-1a
  for (const char byte : symbols::content_of("/proc/self/exe").value_or(""))
    sum = (sum ^ static_cast<unsigned char>(byte)) * 16777619U;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08x", sum);
  return text.data();
}

explore::Subject subject_of(const exploration::Test& test) {
  explore::Subject subject;
  if (test.prepare != nullptr) test.prepare(test.name);
  subject.body = test.body;
  subject.may_exit = true;
  subject.module = reinterpret_cast<const void*>(&first_test);
  return subject;
}

/// The coverage of the depth-first searches; empty when none has finished.
std::string coverage_of(const explore::Exploration& result) {
  if (result.searched.empty()) return "";
  if (result.complete) return "; exhausted: " + result.searched;
  return "; searched: " + result.searched + (result.not_tried.empty() ? "" : "; not tried: ") + result.not_tried;
}

/// The part of the verdict line about findings that were not reported; each item begins with "; ".
std::string unreported(const explore::Exploration& result, const explore::Plan& plan) {
  std::string text;
  const auto counted = [](std::uint64_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
  };
  if (result.abandoned != 0) text += "; assume() abandoned " + counted(result.abandoned, "execution");
  if (result.races_not_reported != 0) {
    text += "; " + counted(result.races_not_reported, "race") + " not reported (--races " +
            (plan.races == explore::Races::steps ? "steps)" : "ignore)");
  }
  if (!result.suppressed.empty()) text += "; " + counted(result.suppressed.size(), "finding") + " suppressed";
  for (const explore::Suppression& each : result.suppressions) {
    if (each.times != 0) {
      text +=
          " (line " + std::to_string(each.line) + ", " + counted(each.times, "execution") + ": " + each.reason + ")";
    }
  }
  return text;
}

/// The reason why a test without findings does not pass; empty: it passes.
std::string inconclusive_reason(const explore::Exploration& result, const explore::Plan& plan) {
  if (!result.nondeterminism.empty()) return "not deterministic: " + result.nondeterminism;
  if (!result.unusable.empty()) return "cannot be explored: " + result.unusable;
  const std::string why = explore::inconclusive(result, plan);
  return why.empty() ? "" : "inconclusive: " + why;
}

int print_json(const exploration::Test& test, const explore::Exploration& result, const explore::Plan& plan) {
  const std::string reason = inconclusive_reason(result, plan);
  const int code = !result.findings.empty() ? kFound : !reason.empty() ? kIncomplete : kAsExpected;
  const char* const verdict = code == kFound ? "fail" : code == kIncomplete ? "inconclusive" : "pass";
  const explore::VerdictFacts facts{test.name, verdict, reason, explore::limits_of(plan.memory),
                                    build_of_this_program()};
  std::printf("%s\n", explore::verdict_json(result, facts).c_str());
  return code;
}

std::string token_of(const explore::Finding& finding, const exploration::Test& test) {
  return "explore." + build_of_this_program() + "." + finding.schedule.text() + "." + test.name;
}

/// The reason why a new process does not confirm the finding; empty when it does.
std::string unconfirmed(const explore::Finding& finding, const std::string& token) {
  const auto again = explore::replay_in_new_process(token);
  if (!again) return "a new process did not replay the token " + token;
  const auto expected = explore::Trace::of(finding);
  if (*again == expected) return "";
  const auto outcome = [](const explore::Trace& trace) {
    return (trace.kind.empty() ? "nothing" : trace.kind) + " after " + std::to_string(trace.steps) + " steps";
  };
  return outcome(expected) + "; the same schedule in a new process: " + outcome(*again) +
         (outcome(expected) == outcome(*again) ? ", but with other values" : "") + "; --replay " +
         text::shell_word(token) + " repeats it";
}

/// Removes findings that a new process does not confirm, and adds the reasons to `nondeterminism`.
void confirm_findings(explore::Exploration& result, const exploration::Test& test) {
  std::erase_if(result.findings, [&](const explore::Finding& finding) {
    const std::string why = unconfirmed(finding, token_of(finding, test));
    if (!why.empty()) result.nondeterminism += (result.nondeterminism.empty() ? "" : "; ") + why;
    return !why.empty();
  });
}

/// `program_note`: receives a note that holds for all tests, so that it is printed once.
int run(const exploration::Test& test, explore::Plan& plan, bool json, std::string& program_note) {
  explore::Exploration result = explore::explore(subject_of(test), plan);
  confirm_findings(result, test);
  const auto executions = static_cast<unsigned long>(result.executions);
  for (std::size_t i = 0; i < plan.suppressions.size(); ++i) plan.suppressions[i].uses += result.suppressions[i].times;
  if (json) return print_json(test, result, plan);
  for (const explore::Finding& finding : result.findings) {
    print_safely("%s: %s (execution %lu, %s, %.4f s): %s\n%s  replay: --replay %s\n", test.name,
                 finding.failure.kind.c_str(), static_cast<unsigned long>(finding.execution), finding.strategy.c_str(),
                 finding.seconds, finding.failure.text.c_str(),
                 explore::narrate(finding, explore::Detail::brief).c_str(),
                 text::shell_word(token_of(finding, test)).c_str());
  }
  std::string limits = explore::limits_of(plan.memory);
  for (const std::string& note : result.notes) {
    if (note == explore::kUntrappedTimeStamps) {
      program_note = note;
    } else {
      limits += (limits.empty() ? "" : "; ") + note;
    }
  }
  for (const explore::UnseenLibrary& each : result.unseen_libraries) {
    limits += "; " + explore::describe_share(each.file, each.samples, result.samples);
  }
  const std::string others = unreported(result, plan);
  const char* const noun = executions == 1 ? "execution" : "executions";
  if (!result.findings.empty()) {
    if (!limits.empty()) print_safely("  %s\n", limits.c_str());
    if (result.findings.size() > 1 || !others.empty()) {
      print_safely("%s: %zu %s in %lu %s, %.4f s%s\n", test.name, result.findings.size(),
                   result.findings.size() == 1 ? "finding" : "findings", executions, noun, result.seconds,
                   others.c_str());
    }
    return kFound;
  }
  if (const std::string reason = inconclusive_reason(result, plan); !reason.empty()) {
    print_safely("%s: %s\n", test.name, reason.c_str());
    return kIncomplete;
  }
  print_safely("%s: nothing%s found in %lu %s, %.4f s%s%s%s%s%s\n", test.name,
               result.suppressed.empty() && result.races_not_reported == 0 ? "" : " else", executions, noun,
               result.seconds, others.c_str(), coverage_of(result).c_str(), limits.empty() ? "" : "; ", limits.c_str(),
               result.threads < 2 ? "; no second thread ran: there was nothing to interleave" : "");
  return kAsExpected;
}

int replay(const std::string& token, const Arguments& arguments) {
  const std::size_t first = token.find('.'), second = token.find('.', first + 1), third = token.find('.', second + 1);
  if (third == std::string::npos || !token.starts_with("explore."))
    usage(text::quoted_or_hex(token) + " is not a complete replay token");
  const auto schedule = explore::Schedule::parse(token.substr(second + 1, third - second - 1));
  if (!schedule) usage(text::quoted_or_hex(token) + " is not a complete replay token");
  if (token.substr(first + 1, second - first - 1) != build_of_this_program())
    usage("the token belongs to another build of this program");
  for (const exploration::Test* test = first_test; test != nullptr; test = test->next) {
    if (test->name != token.substr(third + 1)) continue;
    const explore::Subject subject = subject_of(*test);
    const explore::Finding finding =
        explore::replay_schedule(subject, *schedule, explore::kStepsOfReplays, true, explore::kWorldOfReplays);
    const bool failed = !finding.failure.kind.empty();
    if (arguments.traces) {
      std::fputs(explore::Trace::of(finding).text().c_str(), stdout);
      return failed ? kFound : kAsExpected;
    }
    print_safely("%s: %s%s%s\n%strace %lx, %u steps\n", test->name,
                 failed ? finding.failure.kind.c_str() : "no failure", failed ? ": " : "", finding.failure.text.c_str(),
                 explore::narrate(finding, arguments.prints ? explore::Detail::full : explore::Detail::brief).c_str(),
                 static_cast<unsigned long>(finding.fingerprint), finding.steps);
    return finding.failure.kind == explore::kTooLong ? kIncomplete : failed ? kFound : kAsExpected;
  }
  usage(text::quoted_or_hex(token.substr(third + 1)) + " is not a test of this program");
}

/// Adds GoogleTest's tests to the program, with their failures as failures of executions.
void adopt_googletest() {
  if (racetrack_explore_adopt_googletest != nullptr) {
    racetrack_explore_adopt_googletest();
  } else if (_ZN7testing8UnitTest11GetInstanceEv != nullptr) {
    usage(
        "this program links GoogleTest, whose failures would be missed: name it in LIBRARIES of "
        "racetrack_add_exploration()");
  }
}

/// Test names must be distinct, because a token names its test, and printable, so that a reader can distinguish them.
void check_names() {
  std::set<std::string_view> names;
  for (const exploration::Test* test = first_test; test != nullptr; test = test->next) {
    if (const auto why = text::refuse_characters(test->name)) {
      usage("a test has the name " + text::quoted_or_hex(test->name) + ": " + *why);
    }
    if (!names.insert(test->name).second) usage(std::string("two tests have the name ") + test->name);
  }
}

/// Ends the program at Ctrl-C. Results of earlier tests have been printed already.
void leave_when_interrupted() {
  struct sigaction action {};
  action.sa_handler = [](int) {
    static constexpr std::string_view line = "interrupted: a test without a line above did not finish\n";
    // Not by write() and _exit(), which are interposed while the body runs.
    explore::raw_syscall(SYS_write, explore::runtime.output.own_error(), reinterpret_cast<long>(line.data()),
                         static_cast<long>(line.size()));
    explore::raw_syscall(SYS_exit_group, kInterrupted);
  };
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGINT, &action, nullptr);
}

/// Lists the suppressions that no finding of all tests has used: the code has changed, or the line is wrong.
void list_unused(const std::vector<explore::Suppression>& suppressions, const std::string& path) {
  for (const explore::Suppression& each : suppressions) {
    if (each.uses != 0) continue;
    std::string places;
    for (const std::string& place : each.places) places += " " + place;
    print_safely("%s:%u: unused suppression: %s%s -- %s\n", path.c_str(), each.line, each.kind.c_str(), places.c_str(),
                 each.reason.c_str());
  }
}

int run_all(Arguments& arguments) {
  int worst = kNothing;
  std::string program_note;
  const auto severity = [](int code) { return code == kNothing ? -1 : code == kFound ? 10 : code; };
  std::vector<const exploration::Test*> tests;
  for (const exploration::Test* test = first_test; test != nullptr; test = test->next) {
    if (arguments.pattern.matches(test->name)) tests.insert(tests.begin(), test);
  }
  for (const exploration::Test* test : tests) {
    if (arguments.lists) print_safely("%s\n", test->name);
    const int code = arguments.lists ? kAsExpected : run(*test, arguments.plan, arguments.json, program_note);
    if (severity(code) > severity(worst)) worst = code;
    std::fflush(stdout);
  }
  if (!arguments.lists && !arguments.json && worst != kNothing)
    list_unused(arguments.plan.suppressions, arguments.suppress);
  if (!program_note.empty()) std::printf("%s\n", program_note.c_str());
  if (worst == kNothing)
    std::fprintf(stderr, "no test name matches %s\n", text::quoted_or_hex(arguments.filter).c_str());
  return worst;
}

/// Returns the exit code of a program that would end with `code`.
int close_output(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  std::fputs("standard output cannot be written, so verdicts are missing: make room, or redirect it\n", stderr);
  return code == kIncomplete ? code : kOutputLost;
}

}  // namespace

namespace exploration {

Test::Test(const char* its_name, void (*its_body)(), void (*its_preparation)(const char*)) noexcept
    : name(its_name), body(its_body), prepare(its_preparation), next(first_test) {
  first_test = this;
}

}  // namespace exploration

}  // namespace racetrack

void racetrack_explore_add(const char* name, void (*body)()) {
  new racetrack::exploration::Test(name, body);  // NOLINT(cppcoreguidelines-owning-memory): until the process ends
}

int main(int argc, char** argv) {
  racetrack::explore::fix_addresses(argv);
  racetrack::adopt_googletest();
  racetrack::Arguments arguments = racetrack::parse(argc, argv);
  if (!racetrack::explore::runtime.instrumented) {
    racetrack::usage(
        "this program is not instrumented: build it with racetrack_add_exploration(), or -fsanitize=thread for its "
        "sources");
  }
  racetrack::check_names();
  racetrack::leave_when_interrupted();
  return racetrack::close_output(arguments.replay.empty() ? racetrack::run_all(arguments)
                                                          : racetrack::replay(arguments.replay, arguments));
}
