// What the host tells a child to do.
#pragma once

#include <string>

#include "host/cases.hpp"
#include "measure/trial.hpp"
#include "stress/trial.hpp"

namespace racetrack::host {

/// Host: the job as text, for the bench engine and for the stress engine.
std::string job_text(const Case& which, const measure::TrialPlan& plan);
std::string job_text(const Case& which, const stress::StressPlan& plan);

/// Child: reads a job from standard input, runs it, gives the answer. Returns the process's exit status.
int do_job();

}  // namespace racetrack::host
