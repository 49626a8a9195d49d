"""The HTTP endpoints of executions."""
