"""The HTTP endpoints of audit."""
