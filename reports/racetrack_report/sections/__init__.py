"""Sections of the page: pure functions from a dataset to values for the templates."""
