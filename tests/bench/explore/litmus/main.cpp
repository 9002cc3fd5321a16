// Explores the litmus table.
//
//   explore_litmus [EXECUTIONS]   prints the table with the number of times that each outcome was observed, in so many
//                                 executions of each strategy
//   explore_litmus --json [EXECUTIONS]   the same, an object for each test
//   explore_litmus --list         prints the table: shape, program, outcome and its ground, separated by tabs
//   explore_litmus --outcomes     for each program in a line of standard input: its outcomes under sequential
//                                 consistency, its outcomes in weak memory, and whether the searches have finished;
//                                 separated by tabs
//
// Exit codes: 0 all outcomes are as in the table; 1 some are not; 2 usage.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "explore/world/addresses.hpp"
#include "litmus/check.hpp"

namespace {

constexpr std::uint64_t kSearch = 200'000;

const char* word_of(litmus::Ground ground) {
  switch (ground) {
    case litmus::Ground::forbidden: return "forbidden";
    case litmus::Ground::shown: return "allowed";
    case litmus::Ground::not_shown: return "out of reach";
  }
  return "";
}

std::uint64_t times(const litmus::Result& result, const litmus::Outcome& outcome) {
  const auto seen = result.seen.find(outcome.values);
  return seen != result.seen.end() ? seen->second : 0;
}

void print(const litmus::Test& test, const litmus::Result& result) {
  for (const litmus::Outcome& outcome : test.outcomes) {
    std::printf("%-8s  %-60s  %-4s  %-12s  %8lu of %lu%s  %s\n", test.shape, test.program, outcome.values,
                word_of(outcome.ground), static_cast<unsigned long>(times(result, outcome)),
                static_cast<unsigned long>(result.executions), result.searched ? ", all searched" : "", outcome.why);
  }
}

void print_json(const litmus::Test& test, const litmus::Result& result) {
  nlohmann::json outcomes = nlohmann::json::array();
  for (const litmus::Outcome& outcome : test.outcomes) {
    outcomes.push_back({{"outcome", outcome.values},
                        {"ground", word_of(outcome.ground)},
                        {"seen", times(result, outcome)},
                        {"why", outcome.why}});
  }
  const nlohmann::json object{
      {"shape", test.shape},         {"program", test.program}, {"executions", result.executions},
      {"searched", result.searched}, {"outcomes", outcomes},    {"faults", litmus::faults(test, result)}};
  std::printf("%s\n", object.dump().c_str());
}

int explore_table(std::uint64_t executions, bool as_json) {
  std::size_t wrong = 0;
  for (const litmus::Test& test : litmus::table()) {
    const litmus::Result result = litmus::explore(test, executions);
    const auto faults = litmus::faults(test, result);
    wrong += faults.size();
    if (as_json) {
      print_json(test, result);
    } else {
      print(test, result);
      for (const std::string& what : faults) std::printf("WRONG: %s: %s: %s\n", test.shape, test.program, what.c_str());
    }
    std::fflush(stdout);
  }
  if (!as_json) std::printf("%zu litmus tests, %zu things not as the table says\n", litmus::table().size(), wrong);
  return wrong == 0 ? 0 : 1;
}

int list() {
  for (const litmus::Test& test : litmus::table()) {
    for (const litmus::Outcome& outcome : test.outcomes) {
      std::printf("%s\t%s\t%s\t%s\n", test.shape, test.algorithm == nullptr ? test.program : "", outcome.values,
                  word_of(outcome.ground));
    }
  }
  return 0;
}

std::string joined(const litmus::Outcomes& outcomes) {
  std::string text;
  for (const auto& [outcome, times] : outcomes) text += (text.empty() ? "" : " ") + outcome;
  return text;
}

int print_outcomes() {
  for (std::string line; std::getline(std::cin, line);) {
    const litmus::Test test{"", line.c_str(), nullptr, litmus::parse(line).registers, {}};
    const litmus::Result result = litmus::search(test, kSearch);
    if (!result.trouble.empty()) {
      std::fprintf(stderr, "explore_litmus: %s: %s\n", line.c_str(), result.trouble.c_str());
      return 1;
    }
    std::printf("%s\t%s\t%s\n", joined(result.interleavings).c_str(), joined(result.seen).c_str(),
                result.searched ? "all" : "some");
  }
  return 0;
}

int usage() {
  std::fprintf(stderr, "usage: explore_litmus [[--json] EXECUTIONS | --list | --outcomes]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  racetrack::explore::fix_addresses(argv);
  const bool as_json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  const int first = as_json ? 2 : 1;
  if (argc > first + 1) return usage();
  const std::string_view word = argc > first ? argv[first] : "100000";
  try {
    if (!as_json && word == "--list") return list();
    if (!as_json && word == "--outcomes") return print_outcomes();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "explore_litmus: %s\n", error.what());
    return 2;
  }
  std::uint64_t executions = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), executions);
  if (read.ec != std::errc{} || read.ptr != word.data() + word.size() || executions == 0) return usage();
  return explore_table(executions, as_json);
}
