#include <array>

#include "explore/schedule/bounds.hpp"
#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

struct Known {
  std::string_view name;
  std::unique_ptr<Strategy> (*make)();
};
constexpr std::array<Known, 13> kKnown{{
    {"random", [] { return random_walk(); }},
    {"pct2", [] { return pct(2); }},
    {"pct3", [] { return pct(3); }},
    {"pct4", [] { return pct(4); }},
    {"pos", [] { return partial_order_sampling(); }},
    {"urw", [] { return uniform_walk(); }},
    {"surw", [] { return selectively_uniform_walk(); }},
    {"dfs0", [] { return depth_first(0); }},
    {"dfs1", [] { return depth_first(1); }},
    {"dfs2", [] { return depth_first(2); }},
    {"dfs3", [] { return depth_first(3); }},
    {"dfs", [] { return reduced_search(); }},
    {"dfs_unreduced", [] { return depth_first(kNoBound); }},
}};

}  // namespace

std::vector<std::string> strategy_names() {
  std::vector<std::string> names;
  for (const Known& known : kKnown) names.emplace_back(known.name);
  return names;
}

std::unique_ptr<Strategy> make_strategy(std::string_view name) {
  for (const Known& known : kKnown) {
    if (known.name == name) return known.make();
  }
  return nullptr;
}

}  // namespace racetrack::explore
