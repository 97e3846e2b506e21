"""Benchmarks: each prints its measurement beside the budget of the design, and the machine."""
