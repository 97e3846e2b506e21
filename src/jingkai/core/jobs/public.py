"""What other rooms may use of jobs."""
