"""Script tasks of every language: commands in a working directory, with files in and out.

Owns: `io.kestra.plugin.scripts.<language>.{Script,Commands}`, the `::{...}::` protocol, input and output files.
May call: the SDK and the task runners.
Must not: start processes itself.
"""
