#include "oracle/history_json.hpp"

#include <stdexcept>
#include <string>

namespace racetrack::oracle {

nlohmann::json to_json(const History& history) {
  nlohmann::json threads = nlohmann::json::array();
  for (const auto& thread : history.threads) {
    nlohmann::json operations = nlohmann::json::array();
    for (const Operation& each : thread) {
      operations.push_back({static_cast<int>(each.action), static_cast<int>(each.outcome), each.object, each.value,
                            each.invoked, each.returned, each.thread});
    }
    threads.push_back(std::move(operations));
  }
  return {{"capacity", history.capacity},
          {"stamped", history.stamped},
          {"complete", history.complete},
          {"skew", history.skew},
          {"failures_dropped", history.failures_dropped},
          {"threads", std::move(threads)}};
}

History history_of(const nlohmann::json& json) {
  History history;
  try {
    history.capacity = json.at("capacity").get<std::uint64_t>();
    history.stamped = json.at("stamped").get<bool>();
    history.complete = json.at("complete").get<bool>();
    history.skew = json.at("skew").get<Ticks>();
    history.failures_dropped = json.at("failures_dropped").get<std::uint64_t>();
    for (const auto& thread : json.at("threads")) {
      auto& operations = history.threads.emplace_back();
      for (const auto& each : thread) {
        const int action = each.at(0).get<int>(), outcome = each.at(1).get<int>();
        if (action < 0 || action > static_cast<int>(Action::result) || outcome < 0 ||
            outcome > static_cast<int>(Outcome::cancelled)) {
          throw std::invalid_argument("an operation of no known kind");
        }
        operations.push_back({.value = each.at(3).get<std::uint64_t>(),
                              .invoked = each.at(4).get<Ticks>(),
                              .returned = each.at(5).get<Ticks>(),
                              .thread = each.at(6).get<std::uint32_t>(),
                              .object = each.at(2).get<std::uint16_t>(),
                              .action = static_cast<Action>(action),
                              .outcome = static_cast<Outcome>(outcome)});
      }
    }
  } catch (const nlohmann::json::exception& error) {
    throw std::invalid_argument(std::string("not a history: ") + error.what());
  }
  return history;
}

}  // namespace racetrack::oracle
