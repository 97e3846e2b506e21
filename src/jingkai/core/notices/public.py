"""What other rooms may use of notices."""
