"""Figures: pure functions from tables to SVG that follows the page in light and dark."""
