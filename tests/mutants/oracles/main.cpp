// Applies each mutant to sound histories and prints which oracle kills it: one line of JSON for each pair, and one for
// each oracle on unchanged histories. Exit code 1 if an oracle misses a mutant that it must kill, kills a sound
// history, or has no mutant.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "mutants.hpp"
#include "oracle/judge.hpp"

namespace {

using namespace racetrack;
using namespace racetrack::testing;

constexpr std::uint64_t kSeeds = 100;

/// The result of `oracle` on `mutant` for kSeeds histories; if `mutant` is null, on unchanged histories.
nlohmann::json row(const HistoryMutants& family, const std::string& oracle, const HistoryMutant* mutant) {
  std::uint64_t histories = 0, killed = 0;
  std::set<std::string> kinds;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    History history = family.sound(seed);
    std::mt19937_64 random(seed);
    if (mutant != nullptr && !mutant->put_in(history, random)) continue;
    ++histories;
    const Verdict verdict = oracle::judge({oracle}, history);
    if (verdict.result != Result::fail) continue;
    ++killed;
    kinds.insert(verdict.kind);
  }
  const bool must =
      mutant != nullptr && std::find(mutant->oracles.begin(), mutant->oracles.end(), oracle) != mutant->oracles.end();
  const bool as_expected = histories != 0 && (mutant == nullptr ? killed == 0 : !must || killed == histories);
  return {{"of", family.of},        {"oracle", oracle},          {"mutant", mutant == nullptr ? "" : mutant->name},
          {"histories", histories}, {"killed", killed},          {"kinds", kinds},
          {"must", must},           {"as_expected", as_expected}};
}

}  // namespace

int main() {
  bool as_expected = true;
  std::set<std::string> with_mutants;
  const auto print = [&](const nlohmann::json& line) {
    as_expected = as_expected && line["as_expected"].get<bool>();
    if (line["must"] == true) with_mutants.insert(line["oracle"].get<std::string>());
    std::printf("%s\n", line.dump().c_str());
  };
  for (const HistoryMutants& family : all_history_mutants()) {
    for (const std::string_view oracle : family.oracles) {
      print(row(family, std::string(oracle), nullptr));
      for (const HistoryMutant& mutant : family.mutants) print(row(family, std::string(oracle), &mutant));
    }
  }
  for (const std::string& oracle : oracle::known_oracles()) {
    if (with_mutants.contains(oracle)) continue;
    std::fprintf(stderr, "oracle_mutants: no mutant is meant for the oracle %s: add one to mutants.cpp\n",
                 oracle.c_str());
    as_expected = false;
  }
  return as_expected ? 0 : 1;
}
