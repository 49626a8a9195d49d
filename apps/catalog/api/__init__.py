"""The HTTP endpoints of catalog."""
