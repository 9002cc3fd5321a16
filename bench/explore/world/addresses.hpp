// Address space layout randomisation makes a subject that hashes or orders addresses behave differently in every process.
#pragma once

namespace racetrack::explore {

/// Modules lie at the same addresses in every process.
bool addresses_are_fixed();
/// Starts this program again with fixed addresses, if it has not got them and the system lets it. Call first thing in main.
void fix_addresses(char** argv);

}  // namespace racetrack::explore
