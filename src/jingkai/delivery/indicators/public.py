"""What other rooms may use of indicators."""
