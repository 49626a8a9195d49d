"""Where secrets come from.

Owns: the postgres backend, the environment of the server.
May call: models, cipher, common.
Must not: walk up namespaces; the selectors do.
"""
