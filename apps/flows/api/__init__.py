"""The HTTP endpoints of flows."""
