"""Pages of evaluation, by topic."""
