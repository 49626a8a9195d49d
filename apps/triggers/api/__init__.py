"""The HTTP endpoints of triggers."""
