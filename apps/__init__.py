"""The applications of Penstock: one Django app per user noun, and two libraries without Django, `engine` and `plugins`."""
