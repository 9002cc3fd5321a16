// Jobs: the host writes one as JSON, a child process runs it.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "host/cases.hpp"
#include "measure/trial.hpp"
#include "stress/trial.hpp"

namespace racetrack::host {

/// Converts a path to the JSON in a job, and back: an array of bytes, which need not be UTF-8.
nlohmann::json path_json(const std::filesystem::path& path);
std::filesystem::path path_of(const nlohmann::json& bytes);

/// In the host: returns the job as text, for the bench and stress engines.
std::string job_text(const Case& which, const measure::TrialPlan& plan);
std::string job_text(const Case& which, const stress::StressPlan& plan);

/// In a child: reads a job from standard input, runs it and writes the answer. Returns the process's exit status.
int handle_job();

}  // namespace racetrack::host
