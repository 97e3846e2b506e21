"""Reads of the returns, by topic."""
