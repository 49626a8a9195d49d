"""Fuzz targets that a command runs: each takes a count and a seed."""
