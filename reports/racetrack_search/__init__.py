"""Measures how well the explorer finds faults, and that it reports none in correct programs: controls and their
twins."""
