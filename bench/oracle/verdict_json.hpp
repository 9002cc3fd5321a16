// Verdicts in the format of records.
#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Returns "must", "may" or "never".
const char* to_word(Grade grade);

/// Returns the `verdict` object of a record, without as_expected and expectation. `failed` of `rounds` rounds failed.
nlohmann::json to_json(const Verdict& verdict, std::uint64_t failed, std::uint64_t rounds);

}  // namespace racetrack::oracle
