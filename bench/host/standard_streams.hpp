// Ensures that standard input, output and error are open at the start, and detects lost output at the end.
#pragma once

#include "host/exit.hpp"

namespace racetrack::host {

/// Opens /dev/null for each of the descriptors 0 to 2 that is closed. Otherwise the next file opened, such as the
/// records, would become standard output. Call it before any file is opened.
void make_standard_streams_valid() noexcept;

/// After this call, printing to stdout and stderr never fails: a stream that cannot be written (a full disk, a reader
/// that has exited) loses its text, and close_standard_streams() reports the loss. Measurements therefore do not depend
/// on the streams.
void keep_standard_streams_from_failing();

/// Flushes the streams. Returns Exit::output when a part of standard output or error was lost and `code` is
/// as_expected, unexpected or nothing; else `code`.
Exit close_standard_streams(Exit code);

}  // namespace racetrack::host
