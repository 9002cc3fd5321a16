// What the host tells a child to do.
#pragma once

#include <string>

#include "host/cases.hpp"
#include "measure/trial.hpp"

namespace racetrack::host {

/// Host: the job as text.
std::string job_text(const Case& which, const measure::TrialPlan& plan);

/// Child: reads a job from standard input, runs it, gives the answer. Returns the process's exit status.
int do_job();

}  // namespace racetrack::host
