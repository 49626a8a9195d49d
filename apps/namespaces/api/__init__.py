"""The HTTP endpoints of namespaces."""
