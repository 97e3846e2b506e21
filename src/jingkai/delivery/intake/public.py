"""What other rooms may use of intake."""
