#include "oracle/conservation.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "oracle/describe.hpp"

namespace racetrack::oracle {
namespace {

bool by_item(const Operation* a, const Operation* b) {
  return std::tie(a->object, a->value) < std::tie(b->object, b->value);
}

bool same_item(const Operation& a, const Operation& b) { return a.object == b.object && a.value == b.value; }

}  // namespace

Verdict conservation(const History& history) {
  std::vector<const Operation*> pushes, pops;
  std::size_t pending_pops = 0;
  for (const auto& thread : history.threads) {
    for (const Operation& operation : thread) {
      if (operation.outcome == Outcome::torn) {
        return failed("oracle.conservation", "torn", describe(operation) + ", put together from two items");
      }
      if (operation.action == Action::push &&
          (operation.outcome == Outcome::ok || operation.outcome == Outcome::pending)) {
        pushes.push_back(&operation);
      } else if (operation.action == Action::pop && operation.outcome == Outcome::ok) {
        pops.push_back(&operation);
      } else if (operation.action == Action::pop && operation.outcome == Outcome::pending) {
        ++pending_pops;
      }
    }
  }
  std::stable_sort(pushes.begin(), pushes.end(), by_item);
  std::stable_sort(pops.begin(), pops.end(), by_item);

  for (std::size_t i = 1; i < pops.size(); ++i) {
    if (same_item(*pops[i - 1], *pops[i])) {
      return failed("oracle.conservation", "duplicated",
                    describe(*pops[i - 1]) + ", and " + describe(*pops[i]) + " again");
    }
  }
  std::size_t missing = 0;
  const Operation* first_missing = nullptr;
  auto pop = pops.begin();
  for (const Operation* push : pushes) {
    if (pop != pops.end() && by_item(*pop, push)) break;  // an item without a push: see below
    if (pop != pops.end() && same_item(**pop, *push)) {
      ++pop;
    } else if (push->outcome == Outcome::ok) {
      ++missing;
      if (first_missing == nullptr) first_missing = push;
    }
  }
  if (pop != pops.end()) return failed("oracle.conservation", "invented", describe(**pop) + ", which no thread pushed");
  if (missing > pending_pops) {
    return failed("oracle.conservation", "lost",
                  describe(*first_missing) + ", which no thread popped and which was not in the queue at the end (" +
                      std::to_string(missing) + " of " + std::to_string(pushes.size()) + " items)");
  }
  return {};
}

}  // namespace racetrack::oracle
