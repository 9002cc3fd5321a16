"""Converts ThreadSanitizer's output to finding records."""
