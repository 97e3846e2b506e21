"""What other rooms may use of evaluation."""
