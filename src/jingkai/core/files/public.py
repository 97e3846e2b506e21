"""What other rooms may use of files."""
