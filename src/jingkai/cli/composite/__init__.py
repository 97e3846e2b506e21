"""`jingkai composite`: files and the terminal around the engine of composite indicators."""
