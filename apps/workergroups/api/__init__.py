"""The HTTP endpoints of workergroups."""
