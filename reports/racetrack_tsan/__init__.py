"""What ThreadSanitizer printed, as finding records."""
