"""Measures the strength of the tests: which mutants of our headers' memory orders the explorer kills."""
