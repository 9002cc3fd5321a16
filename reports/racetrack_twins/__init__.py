"""The lecture's Python programs, measured under the workloads of their C++ twins."""
