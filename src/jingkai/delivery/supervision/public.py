"""What other rooms may use of supervision."""
