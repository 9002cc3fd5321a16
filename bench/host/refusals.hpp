// Threads and processes that the system refuses to a subject: a limit of the machine, which proves nothing about it.
#pragma once

namespace racetrack::host {

/// In a child: reports refusals to the host from now on, those by which an exception leaves a thread included.
void report_refusals();

/// Reports the first refusal of the process after report_refusals(); does nothing otherwise. `what` was refused, in a
/// few words. The report is written when a call returns, in whichever thread. Thread-safe.
void note_refusal(const char* what) noexcept;

}  // namespace racetrack::host
