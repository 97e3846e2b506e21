"""Jingkai: the working system behind a city's development-zone policy."""

__version__ = "0.1.0"
