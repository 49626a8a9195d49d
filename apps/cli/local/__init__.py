"""`server local`: real PostgreSQL and Valkey from wheels, and the four roles as child processes.

Owns: the data directory's layout, generated keys, child processes and their ends.
May call: the operating system.
Must not: import Django, know what the roles do.
"""
