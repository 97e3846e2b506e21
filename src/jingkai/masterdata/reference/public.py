"""What other rooms may use of reference."""
