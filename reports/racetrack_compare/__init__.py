"""Comparisons of two builds or subjects with a stated error, for scripts/compare, calibrate and history."""
