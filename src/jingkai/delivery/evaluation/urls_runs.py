"""Addresses of runs and results."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
