"""Tests and benchmarks; a package, so that each imports the others by their full names."""
