// Subjects that are compiled in several variants, which a parameter selects.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/scenario.hpp>

namespace racetrack {

/// Combines registrations of the same scenarios into one scenario each, with a parameter that selects the variant:
///   Variants variants("options");
///   variants.add("default", [](Registry& registry) { registry.add<...>(...); });
///   ...
///   variants.add_to(registry);
/// Every variant has the same scenarios, in the same order. The first variant is the default; the others run in the
/// full sweep, or when --param names them.
class Variants {
 public:
  explicit Variants(std::string parameter) : parameter_(std::move(parameter)) {}

  /// Adds a variant; add_scenarios(registry) registers its scenarios.
  template <class Add>
  void add(std::string name, Add add_scenarios) {
    Registry registry;
    add_scenarios(registry);
    names_.push_back(std::move(name));
    variants_.push_back(std::move(registry));
  }

  /// Registers the combined scenarios. At least one variant must have been added. Throws std::logic_error when two
  /// variants have scenarios of different names.
  void add_to(Registry& registry) const {
    for (std::size_t i = 0; i < variants_.front().scenarios().size(); ++i) {
      Scenario scenario = variants_.front().scenarios()[i];
      std::map<std::string, RoundMaker> makers;
      for (std::size_t v = 0; v < variants_.size(); ++v) {
        const Scenario& variant = variants_[v].scenarios().at(i);
        if (variant.name() != scenario.name())
          throw std::logic_error(variant.name() + ": a variant of another scenario");
        makers[names_[v]] = variant.make_round;
      }
      scenario.axes.push_back(
          {.name = parameter_, .defaults = {names_.front()}, .full = names_, .largest = 0, .words = names_});
      scenario.make_round = [makers = std::move(makers), parameter = parameter_](const RoundPlan& plan) {
        return makers.at(plan.params.text(parameter))(plan);
      };
      registry.add(std::move(scenario));
    }
  }

 private:
  using RoundMaker = decltype(Scenario::make_round);

  std::string parameter_;
  std::vector<std::string> names_;
  std::vector<Registry> variants_;
};

}  // namespace racetrack
