"""Pages of the returns."""
