"""HTTP tasks: request, download, and a trigger that polls an address.

Owns: `io.kestra.plugin.core.http.*`.
May call: the SDK; the client comes from the context, which refuses denied networks.
Must not: open connections of its own.
"""
