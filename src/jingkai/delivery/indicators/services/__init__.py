"""What can be done to figures, targets, paths and shares, by topic."""
