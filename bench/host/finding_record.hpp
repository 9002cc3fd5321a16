// Makes records from findings of the deadlock detector.
#pragma once

#include <nlohmann/json.hpp>

#include "host/deadlock_report.hpp"
#include "host/record.hpp"

namespace racetrack::host {

/// Returns the `finding` record of one finding in one child process.
nlohmann::json finding_record(const RecordHead& head, const Turn& turn, const DeadlockFinding& finding);

}  // namespace racetrack::host
