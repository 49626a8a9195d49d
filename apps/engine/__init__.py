"""The engine: decides what happens next in an execution, and nothing else.

Owns: states, the flow language, expressions, inputs, schedules, flowables and the one entry `decide.advance`.
May call: the standard library, pydantic, msgspec and small pure libraries.
Must not: import anything else of ours or a framework, read a clock or a database, draw random numbers, log, or raise
for a user's error. Read top-down: decide > flowables > schedule, inputs > expression > messages > execution > flow > state > ports.
"""
