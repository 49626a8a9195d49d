"""The HTTP endpoints of secrets."""
