"""Figures to and from other statistical systems, as SDMX-CSV 2.0."""
