"""What other rooms may use of consultation."""
