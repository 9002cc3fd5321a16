#include "oracle/judge.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

#include "oracle/capacity.hpp"
#include "oracle/conservation.hpp"
#include "oracle/emptiness.hpp"
#include "oracle/exactly_once.hpp"
#include "oracle/exclusion.hpp"
#include "oracle/fullness.hpp"
#include "oracle/futures.hpp"
#include "oracle/linearizability/queue_monitor.hpp"
#include "oracle/order.hpp"

namespace racetrack::oracle {
namespace {

struct Known {
  std::string_view name;
  Verdict (*judge)(const History&);
};

constexpr std::array<Known, 10> kKnown{{
    {"conservation", conservation},
    {"fifo", fifo},
    {"per_producer", per_producer},
    {"capacity", capacity},
    {"emptiness", [](const History& history) { return emptiness(history); }},
    {"full", [](const History& history) { return fullness(history); }},
    {"exclusion", exclusion},
    {"exactly_once", exactly_once},
    {"futures", futures},
    {"linearizable_queue", linearizable_queue},
}};

}  // namespace

Verdict judge(const std::vector<std::string>& oracles, const History& history) {
  Verdict worst;
  for (const std::string& name : oracles) {
    const Known* found = nullptr;
    for (const Known& known : kKnown) {
      if (known.name == name) found = &known;
    }
    if (found == nullptr) throw std::invalid_argument("unknown oracle '" + name + "'");
    Verdict verdict = found->judge(history);
    if (verdict.result > worst.result) worst = std::move(verdict);
  }
  return worst;
}

std::vector<std::string> known_oracles() {
  std::vector<std::string> names;
  for (const Known& known : kKnown) names.emplace_back(known.name);
  return names;
}

}  // namespace racetrack::oracle
