"""What is measured: each program with nothing but the standard library."""
