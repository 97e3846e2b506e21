"""What other rooms may use of policy."""
