"""The HTTP endpoints of tenants."""
