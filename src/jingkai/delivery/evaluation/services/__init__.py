"""Writes of evaluation, by topic."""
