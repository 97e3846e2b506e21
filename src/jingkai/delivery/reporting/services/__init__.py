"""Writes of the returns, by topic."""
