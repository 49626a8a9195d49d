"""The HTTP endpoints of storage."""
