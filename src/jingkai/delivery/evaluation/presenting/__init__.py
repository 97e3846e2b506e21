"""Pages of results as plain objects: stored JSON in, what a template shows out."""
