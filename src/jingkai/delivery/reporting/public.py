"""What other rooms may use of reporting. Models are for reads; writes go through services."""
