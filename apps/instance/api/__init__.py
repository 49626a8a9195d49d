"""The HTTP endpoints of instance."""
