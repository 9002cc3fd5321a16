"""Figures of a comparison: pure functions from verdicts to SVG."""
