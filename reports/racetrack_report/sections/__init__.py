"""Sections of the page: pure functions from a dataset to what the templates show."""
