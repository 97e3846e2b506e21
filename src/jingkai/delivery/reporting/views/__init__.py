"""Pages of the returns, by topic."""
