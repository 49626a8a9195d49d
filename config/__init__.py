"""Mounts the entry points: settings, URLs, ASGI.

Owns: the environment's names, Django's settings, the list of URLs and sockets.
May call: every app's `api.urls`, `consumers` and `apps`.
Must not: hold a rule, a query or a default that an app needs to know by itself.
"""
