// The main of programs that racetrack_add_exploration() makes.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <sys/syscall.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <racetrack/explore.hpp>

#include "explore/explorer.hpp"
#include "explore/interpose/real.hpp"
#include "explore/schedule/strategies.hpp"
#include "explore/standalone/confirmation.hpp"
#include "explore/standalone/verdict_json.hpp"
#include "explore/trace/narrative.hpp"
#include "explore/weak/limits.hpp"
#include "explore/world/addresses.hpp"
#include "symbols/file_content.hpp"

namespace racetrack {
namespace {

constexpr int kAsExpected = 0, kFound = 1, kUsage = 2, kIncomplete = 3, kNothing = 4, kInterrupted = 130;

exploration::Test* first_test = nullptr;

/// Defined by googletest.cpp, which racetrack_add_exploration() adds to a program that links GoogleTest.
extern "C" [[gnu::weak]] void racetrack_explore_adopt_googletest();
/// testing::UnitTest::GetInstance(): there where GoogleTest is.
extern "C" [[gnu::weak]] void* _ZN7testing8UnitTest11GetInstanceEv();  // NOLINT

struct Words {
  std::string filter, replay;
  std::regex pattern;
  explore::Plan plan;
  std::string memory = "sc", fill = "pattern", races = "report", suppress;
  std::size_t memory_limit = explore::kUsualLimit >> 20U;
  bool keep_going = false, json = false;
  bool prints = false, traces = false, lists = false;
};

[[noreturn]] void usage(const std::string& line) {
  std::fprintf(stderr, "%s (see --help)\n", line.c_str());
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

Words parse(int argc, char** argv) {
  Words words;
  words.plan.seconds = 10;
  words.plan.seed = 1;
  CLI::App app("Run the tests whose names match FILTER, each under many schedules.");
  app.footer("Exit codes: 0 nothing found, 1 found, 2 usage, 3 inconclusive, 4 no such test, 130 interrupted.");
  app.add_option("FILTER", words.filter, "Regular expression searched in the test name (default: every test)");
  app.add_flag("--list", words.lists, "Print the names of the tests");
  app.add_option("--time", words.plan.seconds, "Seconds for each test")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--executions", words.plan.executions,
                 "Executions for each test, at most (default: all that fit the time)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 53U));
  app.add_option("--seed", words.plan.seed, "Seed of the random strategies")->capture_default_str();
  app.add_option("--strategy", words.plan.strategies, "Use only this strategy (repeatable: several take turns)")
      ->check(CLI::IsMember(explore::strategy_names()));
  app.add_option("--memory", words.memory, "sc: loads read the latest store; weak: also older stores that C++ allows")
      ->check(CLI::IsMember({"sc", "weak"}))
      ->capture_default_str();
  app.add_option("--threads", words.plan.world.threads, "Threads that an execution may have, the first one included")
      ->check(CLI::Range(1U, explore::kMostThreads))
      ->capture_default_str();
  app.add_option("--steps", words.plan.most_steps, "Steps that an execution may have")
      ->check(CLI::Range(1U, 1U << 30U))
      ->capture_default_str();
  app.add_option("--memory-limit", words.memory_limit, "MiB that an execution may allocate")
      ->check(CLI::Range(std::size_t{1}, explore::kArenaSize >> 21U))
      ->capture_default_str();
  app.add_option("--fill", words.fill, "Content of new heap blocks; random: other bytes in each execution")
      ->check(CLI::IsMember({"pattern", "zero", "random"}))
      ->capture_default_str();
  app.add_flag("--json", words.json, "Print each verdict as one line of JSON");
  app.add_flag("--keep-going", words.keep_going, "Search for all distinct findings instead of stopping at the first");
  app.add_option(
         "--races", words.races,
         "report: races are findings; ignore: search for other faults only; steps: the same, with plain accesses "
         "as scheduling points")
      ->check(CLI::IsMember({"report", "ignore", "steps"}))
      ->capture_default_str();
  app.add_option("--suppress", words.suppress,
                 "File of findings not to report, a line each: KIND PLACE [PLACE] -- REASON");
  CLI::Option* const replay = app.add_option("--replay", words.replay, "Replay the failure that a token names");
  app.add_flag("--print", words.prints, "Print every step")->needs(replay);
  app.add_flag("--trace", words.traces)->needs(replay)->group("");  // for the process that confirms a finding
  try {
    app.parse(argc, argv);
    if (replay->count() != 0 && words.replay.empty()) usage("--replay: wants a token");
    if (replay->count() != 0 && !words.filter.empty()) usage("--replay: the token names the test; leave out FILTER");
    words.plan.memory = *explore::memory_called(words.memory);
    if (words.races != "report")
      words.plan.races = words.races == "ignore" ? explore::Races::ignore : explore::Races::steps;
    if (words.keep_going) words.plan.enough = [](const explore::Failure&) { return false; };
    if (!words.suppress.empty()) words.plan.suppressions = read_suppressions(words.suppress);
    words.plan.world.memory_limit = words.memory_limit << 20U;
    words.plan.world.fill = *explore::fill_called(words.fill);
    words.pattern = std::regex(words.filter, std::regex::ECMAScript);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    std::exit(kAsExpected);
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    usage(line);
  } catch (const std::regex_error&) {
    usage("'" + words.filter + "': no regular expression");
  }
  return words;
}

/// Tokens of another build would lead elsewhere.
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

/// The part of the verdict line about findings that are not reported; begins with "; ".
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
std::string doubt_of(const explore::Exploration& result, const explore::Plan& plan) {
  if (!result.nondeterminism.empty()) return "not deterministic: " + result.nondeterminism;
  if (!result.unusable.empty()) return "cannot be explored: " + result.unusable;
  const std::string why = explore::inconclusive(result, plan);
  return why.empty() ? "" : "inconclusive: " + why;
}

int print_json(const exploration::Test& test, const explore::Exploration& result, const explore::Plan& plan) {
  const std::string doubt = doubt_of(result, plan);
  const int code = !result.findings.empty() ? kFound : !doubt.empty() ? kIncomplete : kAsExpected;
  const char* const verdict = code == kFound ? "fail" : code == kIncomplete ? "inconclusive" : "pass";
  const explore::VerdictFacts facts{test.name, verdict, doubt, explore::limits_of(plan.memory),
                                    build_of_this_program()};
  std::printf("%s\n", explore::verdict_json(result, facts).c_str());
  return code;
}

std::string token_of(const explore::Finding& finding, const exploration::Test& test) {
  return "explore." + build_of_this_program() + "." + finding.schedule.text() + "." + test.name;
}

/// Why a new process does not confirm the finding; empty when it does.
std::string unconfirmed(const explore::Finding& finding, const std::string& token) {
  const auto again = explore::replay_in_new_process(token);
  if (!again) return "a new process gave no answer to its token " + token;
  const auto expected = explore::Trace::of(finding);
  if (*again == expected) return "";
  const auto outcome = [](const explore::Trace& trace) {
    return (trace.kind.empty() ? "nothing" : trace.kind) + " after " + std::to_string(trace.steps) + " steps";
  };
  return outcome(expected) + "; the same schedule in a new process: " + outcome(*again) +
         (outcome(expected) == outcome(*again) ? ", but with other values" : "") + "; --replay " + token +
         " repeats it";
}

/// Drops findings that a new process does not confirm; the reasons are added to what is not deterministic.
void confirm_findings(explore::Exploration& result, const exploration::Test& test) {
  std::erase_if(result.findings, [&](const explore::Finding& finding) {
    const std::string why = unconfirmed(finding, token_of(finding, test));
    if (!why.empty()) result.nondeterminism += (result.nondeterminism.empty() ? "" : "; ") + why;
    return !why.empty();
  });
}

int run(const exploration::Test& test, explore::Plan& plan, bool json) {
  explore::Exploration result = explore::explore(subject_of(test), plan);
  confirm_findings(result, test);
  const auto executions = static_cast<unsigned long>(result.executions);
  for (std::size_t i = 0; i < plan.suppressions.size(); ++i) plan.suppressions[i].uses += result.suppressions[i].times;
  if (json) return print_json(test, result, plan);
  for (const explore::Finding& finding : result.findings) {
    std::printf("%s: %s (execution %lu, %s, %.4f s): %s\n%s  replay: --replay %s\n", test.name,
                finding.failure.kind.c_str(), static_cast<unsigned long>(finding.execution), finding.strategy.c_str(),
                finding.seconds, finding.failure.text.c_str(),
                explore::narrate(finding, explore::Detail::brief).c_str(), token_of(finding, test).c_str());
  }
  std::string limits = explore::limits_of(plan.memory);
  for (const std::string& note : result.notes) limits += (limits.empty() ? "" : "; ") + note;
  const std::string others = unreported(result, plan);
  if (!result.findings.empty()) {
    if (!limits.empty()) std::printf("  %s\n", limits.c_str());
    if (result.findings.size() > 1 || !others.empty()) {
      std::printf("%s: %zu %s in %lu executions, %.4f s%s\n", test.name, result.findings.size(),
                  result.findings.size() == 1 ? "finding" : "findings", executions, result.seconds, others.c_str());
    }
    return kFound;
  }
  if (const std::string doubt = doubt_of(result, plan); !doubt.empty()) {
    std::printf("%s: %s\n", test.name, doubt.c_str());
    return kIncomplete;
  }
  std::printf("%s: nothing%s found in %lu executions, %.4f s%s%s%s%s%s\n", test.name,
              result.suppressed.empty() && result.races_not_reported == 0 ? "" : " else", executions, result.seconds,
              others.c_str(), coverage_of(result).c_str(), limits.empty() ? "" : "; ", limits.c_str(),
              result.threads < 2 ? "; no second thread ran: there was nothing to interleave" : "");
  return kAsExpected;
}

int replay(const std::string& token, const Words& words) {
  const std::size_t first = token.find('.'), second = token.find('.', first + 1), third = token.find('.', second + 1);
  if (third == std::string::npos || !token.starts_with("explore.")) usage("'" + token + "' is no whole replay token");
  const auto schedule = explore::Schedule::parse(token.substr(second + 1, third - second - 1));
  if (!schedule) usage("'" + token + "' is no whole replay token");
  if (token.substr(first + 1, second - first - 1) != build_of_this_program())
    usage("the token is of another build of this program");
  for (const exploration::Test* test = first_test; test != nullptr; test = test->next) {
    if (test->name != token.substr(third + 1)) continue;
    const explore::Subject subject = subject_of(*test);
    const explore::Finding finding =
        explore::replay_schedule(subject, *schedule, explore::kStepsOfReplays, true, explore::kWorldOfReplays);
    const bool failed = !finding.failure.kind.empty();
    if (words.traces) {
      std::fputs(explore::Trace::of(finding).text().c_str(), stdout);
      return failed ? kFound : kAsExpected;
    }
    std::printf("%s: %s%s%s\n%strace %lx, %u steps\n", test->name,
                failed ? finding.failure.kind.c_str() : "nothing is wrong", failed ? ": " : "",
                finding.failure.text.c_str(),
                explore::narrate(finding, words.prints ? explore::Detail::full : explore::Detail::brief).c_str(),
                static_cast<unsigned long>(finding.fingerprint), finding.steps);
    return finding.failure.kind == explore::kTooLong ? kIncomplete : failed ? kFound : kAsExpected;
  }
  usage("'" + token.substr(third + 1) + "': there is no such test");
}

/// GoogleTest's tests become tests of the program, and its failures failures of executions.
void adopt_googletest() {
  if (racetrack_explore_adopt_googletest != nullptr) {
    racetrack_explore_adopt_googletest();
  } else if (_ZN7testing8UnitTest11GetInstanceEv != nullptr) {
    usage(
        "this program links GoogleTest, whose failures would be missed: name it in LIBRARIES of "
        "racetrack_add_exploration()");
  }
}

/// A token names its test.
void refuse_equal_names() {
  std::set<std::string_view> names;
  for (const exploration::Test* test = first_test; test != nullptr; test = test->next) {
    if (!names.insert(test->name).second) usage(std::string("two tests are called ") + test->name);
  }
}

/// Ctrl-C: what earlier tests have shown is out already.
void leave_when_interrupted() {
  struct sigaction action {};
  action.sa_handler = [](int) {
    static constexpr std::string_view line = "interrupted: a test without a line above has not come to its end\n";
    // Not by write() and _exit(), which while the body runs are the subject's.
    explore::raw_syscall(SYS_write, explore::runtime.output.own_error(), reinterpret_cast<long>(line.data()),
                         static_cast<long>(line.size()));
    explore::raw_syscall(SYS_exit_group, kInterrupted);
  };
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGINT, &action, nullptr);
}

/// Suppressions that no finding of all tests that ran has used: the code has changed, or the line is wrong.
void list_unused(const std::vector<explore::Suppression>& suppressions, const std::string& path) {
  for (const explore::Suppression& each : suppressions) {
    if (each.uses != 0) continue;
    std::string places;
    for (const std::string& place : each.places) places += " " + place;
    std::printf("%s:%u: unused suppression: %s%s -- %s\n", path.c_str(), each.line, each.kind.c_str(), places.c_str(),
                each.reason.c_str());
  }
}

int run_all(Words& words) {
  int worst = kNothing;
  const auto severity = [](int code) { return code == kNothing ? -1 : code == kFound ? 10 : code; };
  std::vector<const exploration::Test*> tests;
  for (const exploration::Test* test = first_test; test != nullptr; test = test->next)
    tests.insert(tests.begin(), test);
  for (const exploration::Test* test : tests) {
    if (!std::regex_search(test->name, words.pattern)) continue;
    if (words.lists) std::printf("%s\n", test->name);
    const int code = words.lists ? kAsExpected : run(*test, words.plan, words.json);
    if (severity(code) > severity(worst)) worst = code;
    std::fflush(stdout);
  }
  if (!words.lists && !words.json && worst != kNothing) list_unused(words.plan.suppressions, words.suppress);
  if (worst == kNothing) std::fprintf(stderr, "no test's name matches '%s'\n", words.filter.c_str());
  return worst;
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
  racetrack::Words words = racetrack::parse(argc, argv);
  if (!racetrack::explore::runtime.instrumented) {
    racetrack::usage(
        "this program is not instrumented: build it with racetrack_add_exploration(), or -fsanitize=thread for its "
        "sources");
  }
  racetrack::refuse_equal_names();
  racetrack::leave_when_interrupted();
  return words.replay.empty() ? racetrack::run_all(words) : racetrack::replay(words.replay, words);
}
