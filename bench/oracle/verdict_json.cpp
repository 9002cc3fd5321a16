#include "oracle/verdict_json.hpp"

#include <string>

namespace racetrack::oracle {

const char* to_word(Grade grade) {
  constexpr const char* kWords[] = {"must", "may", "never"};
  return kWords[static_cast<int>(grade)];
}

nlohmann::json to_json(const Verdict& verdict, std::uint64_t failed, std::uint64_t rounds) {
  constexpr const char* kWords[] = {"pass", "unknown", "fail"};
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::json(nullptr) : nlohmann::json(text);
  };
  return {{"result", kWords[static_cast<int>(verdict.result)]},
          {"kind", or_null(verdict.kind)},
          {"detector", or_null(verdict.detector)},
          {"k", failed},
          {"n", rounds},
          {"witness", verdict.witness.empty() ? nlohmann::json(nullptr) : nlohmann::json{{"text", verdict.witness}}},
          {"replay", nullptr}};
}

}  // namespace racetrack::oracle
