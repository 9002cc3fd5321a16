// Fixed addresses. With address space layout randomisation, a subject that hashes or orders addresses behaves
// differently in every process.
#pragma once

namespace racetrack::explore {

/// Whether modules have the same addresses in every process.
bool addresses_are_fixed();
/// Starts this program again with fixed addresses, unless it has them already or the system forbids it. Call it first
/// in main.
void fix_addresses(char** argv);

}  // namespace racetrack::explore
