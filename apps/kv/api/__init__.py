"""The HTTP endpoints of kv."""
