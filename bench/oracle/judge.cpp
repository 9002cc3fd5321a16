#include "oracle/judge.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

#include "oracle/capacity.hpp"
#include "oracle/conservation.hpp"
#include "oracle/order.hpp"

namespace racetrack::oracle {
namespace {

struct Known {
  std::string_view name;
  Verdict (*judge)(const History&);
};

constexpr std::array<Known, 4> kKnown{{
    {"conservation", conservation},
    {"fifo", fifo},
    {"per_producer", per_producer},
    {"capacity", capacity},
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
