"""Reads of evaluation, by topic."""
