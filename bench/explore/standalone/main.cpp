// The main of programs that racetrack_add_exploration() makes.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <racetrack/explore.hpp>

#include "explore/explorer.hpp"
#include "explore/schedule/strategies.hpp"
#include "explore/trace/narrative.hpp"
#include "explore/world/addresses.hpp"

namespace racetrack {
namespace {

constexpr int kAsExpected = 0, kFound = 1, kUsage = 2, kIncomplete = 3, kNothing = 4;

exploration::Test* first_test = nullptr;

struct Words {
  std::string filter, replay;
  explore::Plan plan;
  bool prints = false, lists = false;
};

[[noreturn]] void usage(const std::string& line) {
  std::fprintf(stderr, "%s (see --help)\n", line.c_str());
  std::exit(kUsage);
}

constexpr const char* kHelp =
    "usage: PROGRAM [FILTER] [--time SECONDS] [--executions N] [--strategy NAME]... [--seed N] [--list]\n"
    "       PROGRAM --replay TOKEN [--print]\n"
    "Runs the tests whose names contain FILTER under many schedules.\n"
    "Exit codes: 0 nothing found, 1 found, 2 usage, 3 inconclusive, 4 no such test.\n";

double number_of(const std::string& option, const char* text) {
  char* end = nullptr;
  const double value = text != nullptr ? std::strtod(text, &end) : -1;
  if (text == nullptr || *text == '\0' || *end != '\0' || !(value > 0)) usage(option + ": a number above 0 is wanted");
  return value;
}

Words parse(int argc, char** argv) {
  Words words;
  words.plan.seconds = 10;
  words.plan.seed = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const char* const next = argv[i + 1];
    if (word == "--help") {
      std::fputs(kHelp, stdout);
      std::exit(kAsExpected);
    } else if (word == "--list") {
      words.lists = true;
    } else if (word == "--print") {
      words.prints = true;
    } else if (word == "--time") {
      words.plan.seconds = number_of(word, next), ++i;
    } else if (word == "--executions") {
      words.plan.executions = static_cast<std::uint64_t>(number_of(word, next)), ++i;
    } else if (word == "--seed") {
      words.plan.seed = static_cast<std::uint64_t>(number_of(word, next)), ++i;
    } else if (word == "--strategy" && next != nullptr) {
      if (explore::make_strategy(next) == nullptr)
        usage("--strategy " + std::string(next) + ": there is no such strategy");
      words.plan.strategies.emplace_back(next), ++i;
    } else if (word == "--replay" && next != nullptr) {
      words.replay = next, ++i;
    } else if (word.starts_with("-") || !words.filter.empty()) {
      usage(word + ": not understood");
    } else {
      words.filter = word;
    }
  }
  return words;
}

/// Tokens of another build would lead elsewhere.
std::string build_of_this_program() {
  std::ifstream input("/proc/self/exe", std::ios::binary);
  std::uint32_t sum = 2166136261U;  // FNV-1a
  for (std::istreambuf_iterator<char> at(input), end; at != end; ++at)
    sum = (sum ^ static_cast<unsigned char>(*at)) * 16777619U;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08x", sum);
  return text.data();
}

explore::Subject subject_of(const exploration::Test& test) {
  explore::Subject subject;
  subject.body = test.body;
  subject.module = reinterpret_cast<const void*>(&first_test);
  return subject;
}

int run(const exploration::Test& test, const explore::Plan& plan) {
  const explore::Exploration result = explore::explore(subject_of(test), plan);
  const auto executions = static_cast<unsigned long>(result.executions);
  if (!result.unusable.empty()) {
    std::printf("%s: cannot be explored: %s\n", test.name, result.unusable.c_str());
    return kIncomplete;
  }
  if (!result.nondeterminism.empty()) {
    std::printf("%s: not deterministic: %s\n", test.name, result.nondeterminism.c_str());
    return kIncomplete;
  }
  for (const explore::Finding& finding : result.findings) {
    std::printf("%s: %s (execution %lu, %s, %.4f s): %s\n%s  replay: --replay explore.%s.%s.%s\n", test.name,
                finding.failure.kind.c_str(), static_cast<unsigned long>(finding.execution), finding.strategy.c_str(),
                finding.seconds, finding.failure.text.c_str(),
                explore::narrate(finding, explore::Detail::brief).c_str(), build_of_this_program().c_str(),
                finding.schedule.text().c_str(), test.name);
  }
  if (!result.findings.empty()) return kFound;
  std::string covered;
  for (const explore::Share& share : result.shares) {
    if (!share.exhausted.empty()) covered = share.exhausted;
  }
  std::printf("%s: nothing found in %lu executions, %.4f s%s%s\n", test.name, executions, result.seconds,
              covered.empty() ? "" : "; exhausted: ", covered.c_str());
  return kAsExpected;
}

int replay(const std::string& token, bool prints) {
  const std::size_t first = token.find('.'), second = token.find('.', first + 1), third = token.find('.', second + 1);
  if (third == std::string::npos || !token.starts_with("explore.")) usage("'" + token + "' is no whole replay token");
  const auto schedule = explore::Schedule::parse(token.substr(second + 1, third - second - 1));
  if (!schedule) usage("'" + token + "' is no whole replay token");
  if (token.substr(first + 1, second - first - 1) != build_of_this_program())
    usage("the token is of another build of this program");
  for (const exploration::Test* test = first_test; test != nullptr; test = test->next) {
    if (test->name != token.substr(third + 1)) continue;
    const explore::Subject subject = subject_of(*test);
    explore::prepare_world(subject.module);
    const explore::Finding finding = explore::replay_schedule(subject, *schedule, explore::Plan().most_steps, true);
    const bool failed = !finding.failure.kind.empty();
    std::printf("%s: %s%s%s\n%strace %lx, %u steps\n", test->name,
                failed ? finding.failure.kind.c_str() : "nothing is wrong", failed ? ": " : "",
                finding.failure.text.c_str(),
                explore::narrate(finding, prints ? explore::Detail::full : explore::Detail::brief).c_str(),
                static_cast<unsigned long>(finding.fingerprint), finding.steps);
    return failed ? kFound : kAsExpected;
  }
  usage("'" + token.substr(third + 1) + "': there is no such test");
}

int run_all(const Words& words) {
  int worst = kNothing;
  const auto severity = [](int code) { return code == kNothing ? -1 : code == kFound ? 10 : code; };
  std::vector<const exploration::Test*> tests;
  for (const exploration::Test* test = first_test; test != nullptr; test = test->next)
    tests.insert(tests.begin(), test);
  for (const exploration::Test* test : tests) {
    if (std::string_view(test->name).find(words.filter) == std::string_view::npos) continue;
    if (words.lists) std::printf("%s\n", test->name);
    const int code = words.lists ? kAsExpected : run(*test, words.plan);
    if (severity(code) > severity(worst)) worst = code;
    std::fflush(stdout);
  }
  if (worst == kNothing) std::fprintf(stderr, "no test's name contains '%s'\n", words.filter.c_str());
  return worst;
}

}  // namespace

namespace exploration {

Test::Test(const char* its_name, void (*its_body)()) noexcept : name(its_name), body(its_body), next(first_test) {
  first_test = this;
}

}  // namespace exploration

void check(bool holds, const char* what, const char* file, int line) {
  if (holds) return;
  const explore::Inside inside;
  const std::string_view path(file);
  const std::string place = std::string(path.substr(path.rfind('/') + 1)) + ":" + std::to_string(line);
  explore::fail({.kind = "wrong_result", .text = place + ": does not hold: " + what, .signature = place});
}

}  // namespace racetrack

int main(int argc, char** argv) {
  racetrack::explore::fix_addresses(argv);
  const racetrack::Words words = racetrack::parse(argc, argv);
  if (!racetrack::explore::runtime.instrumented) {
    racetrack::usage(
        "this program is not instrumented: build it with racetrack_add_exploration(), or -fsanitize=thread for its "
        "sources");
  }
  return words.replay.empty() ? racetrack::run_all(words) : racetrack::replay(words.replay, words.prints);
}
