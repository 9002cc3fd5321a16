"""The measured programs. Each uses only the standard library."""
