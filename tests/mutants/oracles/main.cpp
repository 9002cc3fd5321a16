// Which oracle kills which mutant of a sound history: one line of JSON for each pair, and for each oracle one of the histories as they are.
// Exit code 1 when an oracle misses a mutant that it must see, sees something in a sound history, or has no mutant at all.
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

/// What `oracle` makes of `mutant` in so many histories; without a mutant, of the histories as they are.
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
  const auto tell = [&](const nlohmann::json& told) {
    as_expected = as_expected && told["as_expected"].get<bool>();
    if (told["must"] == true) with_mutants.insert(told["oracle"].get<std::string>());
    std::printf("%s\n", told.dump().c_str());
  };
  for (const HistoryMutants& family : all_history_mutants()) {
    for (const std::string_view oracle : family.oracles) {
      tell(row(family, std::string(oracle), nullptr));
      for (const HistoryMutant& mutant : family.mutants) tell(row(family, std::string(oracle), &mutant));
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
