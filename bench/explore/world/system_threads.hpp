// System threads of this process: those that the explorer made, and others.
#pragma once

namespace racetrack::explore {

/// How many system threads run besides the calling one and the `made` ones that the explorer has made. Waits up to 0.2 s for threads that
/// are ending. 0 where the system does not say.
unsigned uncontrolled_threads(unsigned made);

}  // namespace racetrack::explore
