"""The command line `penstock`: an HTTP client of the API, and the commands that start servers.

Owns: arguments, output formats, exit codes, the supervisor of `server local` and its embedded servers.
May call: the HTTP API; for `server …` the entry points of the roles.
Must not: import Django or a cloud client when it starts, hold a rule of the product.
"""
