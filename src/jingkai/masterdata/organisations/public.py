"""What other rooms may use of organisations."""
