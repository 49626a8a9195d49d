"""The HTTP endpoints of logs."""
